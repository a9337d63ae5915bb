"""Trains other libraries' models on an exam, in an environment of their own; imports nothing of this project.

PYTHON benchmarks/engine/rival_models.py EXAM.npz ANSWERS sasrec --budgets 60,300,900
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIST_SIZE = 25
NOBODY = -1
FACTORS = 64
# Scores of one block of questions: 512 by a catalogue of 40,000 in single precision are 80 MB.
BLOCK = 512
# The setting of eSASRec's benchmark on MovieLens-1M, but for its loss: on a CPU the full softmax over a few thousand
# items learns more in a CPU-second than sampled items do, whose vectors it would gather for every event anew.
SMALL_SASREC: Mapping[str, Any] = {"n_factors": FACTORS, "n_heads": 2, "n_blocks": 2, "session_max_len": 200}

Arrays = dict[str, NDArray[Any]]
Lists = NDArray[np.int64]


class Answers:
    """Where a model's lists go: one file a name, with what the training had cost by then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started_s = time.process_time()
        self._aside_s = 0.0

    @property
    def spent_s(self) -> float:
        """CPU-seconds of all threads since the training began, without what was answered meanwhile."""
        return time.process_time() - self._started_s - self._aside_s

    def give(self, name: str, answer: Callable[[], Lists]) -> None:
        """Answer the exam now; the clock of the training stands still meanwhile."""
        facts = {"train_cpu_s": self.spent_s, "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        began_s = time.process_time()
        partial = self._folder / f".{name}.npz"
        np.savez(partial, lists=answer(), facts=np.array(json.dumps(facts)))
        partial.replace(self._folder / f"{name}.npz")
        self._aside_s += time.process_time() - began_s


def histories(exam: Arrays) -> list[NDArray[np.int64]]:
    """Each question's history, oldest first."""
    return np.split(exam["history_items"], exam["history_starts"][1:-1])


def fill_up(lists: Lists, exam: Arrays) -> Lists:
    """Give questions without any list the most popular items that they may have, as any shop would."""
    popular = np.argsort(-np.bincount(exam["items"], minlength=int(exam["n_items"][0])), kind="stable")
    asked = histories(exam)
    for row in np.flatnonzero((lists < 0).all(axis=1)).tolist():
        seen = asked[row] if exam["filter_seen"][0] else np.empty(0, np.int64)
        candidates = popular[: LIST_SIZE + len(seen)]
        chosen = candidates[~np.isin(candidates, seen)][:LIST_SIZE]
        lists[row, : len(chosen)] = chosen
    return lists


def rank_vectors(wanted: NDArray[np.float32], vectors: NDArray[np.float32], exam: Arrays) -> Lists:
    """Return the items with the greatest products; questions without a history get none."""
    asked = histories(exam)
    lists = np.full((len(asked), LIST_SIZE), NOBODY, np.int64)
    for start in range(0, len(asked), BLOCK):
        scores = wanted[start : start + BLOCK] @ vectors.T
        for row, history in enumerate(asked[start : start + BLOCK]):
            if exam["filter_seen"][0]:
                scores[row, history] = -np.inf
        best = np.argpartition(-scores, LIST_SIZE, axis=1)[:, :LIST_SIZE]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        lists[start : start + BLOCK] = np.take_along_axis(best, order, axis=1)
    lists[[not len(history) for history in asked]] = NOBODY
    return fill_up(lists, exam)


def to_matrix(rows: NDArray[np.int64], items: NDArray[np.int64], n_rows: int, n_items: int) -> Any:
    """How often each row has each item, as a CSR matrix."""
    from scipy import sparse

    counts = sparse.csr_matrix((np.ones(len(items), np.float32), (rows, items)), shape=(n_rows, n_items))
    counts.sum_duplicates()
    return counts


def train_als(exam: Arrays, answers: Answers, budgets: list[float], seed: int) -> None:  # noqa: ARG001
    """The ALS of implicit with its default settings, but for the width; histories are folded in."""
    from implicit.als import AlternatingLeastSquares

    n_items = int(exam["n_items"][0])
    bought = to_matrix(exam["users"], exam["items"], int(exam["users"].max()) + 1, n_items)
    model = AlternatingLeastSquares(factors=FACTORS, num_threads=1, random_state=seed)
    model.fit(bought, show_progress=False)

    def answer() -> Lists:
        lengths = np.diff(exam["history_starts"])
        asked = to_matrix(np.repeat(np.arange(len(lengths)), lengths), exam["history_items"], len(lengths), n_items)
        wanted = np.stack([model.recalculate_user(row, asked[row]) for row in range(len(lengths))])
        return rank_vectors(wanted.astype(np.float32), model.item_factors, exam)

    answers.give("default", answer)


def train_bpr(exam: Arrays, answers: Answers, budgets: list[float], seed: int) -> None:  # noqa: ARG001
    """The BPR of implicit with its default settings, but for the width; new users look for the mean of their items."""
    from implicit.bpr import BayesianPersonalizedRanking

    n_items = int(exam["n_items"][0])
    bought = to_matrix(exam["users"], exam["items"], int(exam["users"].max()) + 1, n_items)
    model = BayesianPersonalizedRanking(factors=FACTORS, num_threads=1, random_state=seed)
    model.fit(bought, show_progress=False)

    def answer() -> Lists:
        vectors = np.asarray(model.item_factors)
        wanted = np.stack(
            [
                model.user_factors[user]
                if user != NOBODY
                else (vectors[history].mean(axis=0) if len(history) else np.zeros(vectors.shape[1], np.float32))
                for user, history in zip(exam["asked_users"].tolist(), histories(exam), strict=True)
            ]
        )
        return rank_vectors(wanted.astype(np.float32), vectors, exam)

    answers.give("default", answer)


def train_sasrec(exam: Arrays, answers: Answers, budgets: list[float], seed: int) -> None:
    """RecTools' SASRec, small: FACTORS wide, histories of 200 events."""
    _train_sasrec(exam, answers, budgets, seed, SMALL_SASREC)


def train_sasrec_default(exam: Arrays, answers: Answers, budgets: list[float], seed: int) -> None:
    """RecTools' SASRec as it comes: 256 wide, histories of 100 events."""
    _train_sasrec(exam, answers, budgets, seed, {})


def _train_sasrec(exam: Arrays, answers: Answers, budgets: list[float], seed: int, settings: Mapping[str, Any]) -> None:
    """Train on until the greatest budget is used up; answer whenever one is."""
    import pytorch_lightning as lightning
    import torch
    from rectools.dataset import Dataset
    from rectools.models import SASRecModel

    torch.set_num_threads(1)
    lightning.seed_everything(seed, verbose=False)
    learned_from = Dataset.construct(_to_frame(exam["users"], exam["items"]))

    left = list(budgets)

    def watch(trainer: Any, *_: Any, **__: Any) -> None:
        while left and answers.spent_s >= left[0]:
            answers.give(f"{left.pop(0):g}", lambda: _ask_sasrec(model, exam))
            model.lightning_model.train()
        trainer.should_stop = not left

    def make_trainer() -> Any:
        return lightning.Trainer(
            max_epochs=100_000,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[lightning.callbacks.LambdaCallback(on_train_batch_end=watch)],
        )

    model = SASRecModel(get_trainer_func=make_trainer, **settings)
    model.fit(learned_from)


def _ask_sasrec(model: Any, exam: Arrays) -> Lists:
    """The lists of a model that may still be in training."""
    from rectools.dataset import Dataset

    lengths = np.diff(exam["history_starts"])
    rows = np.repeat(np.arange(len(lengths)), lengths)
    trained = set(model.data_preparator.get_known_item_ids().tolist())
    known = np.isin(exam["history_items"], list(trained))
    asked = np.unique(rows[known])
    was_fitted, model.is_fitted = model.is_fitted, True
    try:
        found = model.recommend(
            users=asked,
            dataset=Dataset.construct(_to_frame(rows, exam["history_items"])),
            k=LIST_SIZE,
            filter_viewed=bool(exam["filter_seen"][0]),
        )
    finally:
        model.is_fitted = was_fitted
    lists = np.full((len(lengths), LIST_SIZE), NOBODY, np.int64)
    lists[found["user_id"].to_numpy(), found["rank"].to_numpy() - 1] = found["item_id"].to_numpy()
    return fill_up(lists, exam)


def _to_frame(users: NDArray[np.int64], items: NDArray[np.int64]) -> Any:
    """Events as RecTools takes them; their order is their place in the arrays, a second apart."""
    import pandas as pd

    times = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(len(items)), unit="s")
    return pd.DataFrame({"user_id": users, "item_id": items, "weight": 1.0, "datetime": times})


MODELS: Mapping[str, Callable[[Arrays, Answers, list[float], int], None]] = {
    "als": train_als,
    "bpr": train_bpr,
    "sasrec": train_sasrec,
    "sasrec_default": train_sasrec_default,
}


def main() -> None:
    """Train one model, and answer."""
    parser = argparse.ArgumentParser(prog="rival_models")
    parser.add_argument("exam", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--budgets", default="60", help="CPU-seconds at which to answer, by commas")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    with np.load(options.exam, allow_pickle=False) as kept:
        exam = {name: kept[name] for name in kept.files}
    options.answers.mkdir(parents=True, exist_ok=True)
    budgets = sorted(float(budget) for budget in options.budgets.split(","))
    MODELS[options.model](exam, Answers(options.answers), budgets, options.seed)


if __name__ == "__main__":
    main()
