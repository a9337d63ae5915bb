"""A trial: one recipe trained and measured on one split of a log file, with what it cost."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from recommendations.engine.attributes.metadata_reading import read_items_csv, read_users_csv
from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.cold_items import cold_items, popularity_among
from recommendations.engine.evaluation.figures import Figures, ask, measure
from recommendations.engine.evaluation.logs import Log, read_log
from recommendations.engine.evaluation.next_event import by_part, leave_one_out, temporal
from recommendations.engine.evaluation.splits import Split, hold_out_users, next_basket
from recommendations.engine.exceptions import InvalidHyperparameter, InvalidInteractions
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.recipes import build_recommender, get_recipe
from recommendations.engine.training import Progress

SplitName = Literal["leave_one_out", "temporal", "by_part", "personalize", "next_basket", "cold_items"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)
# These two ask for a list of answers; the others for the one that came next.
ASK_FOR_LISTS = ("personalize", "next_basket")
NEED_TIMES = ("temporal", "next_basket")
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class NewItems:
    """How a recipe ranks items that it was trained without among themselves.

    Attributes:
        n_items: how many there are.
        recipe: its quality.
        popularity: that of how many users came to each, which no recipe can know beforehand.
        difference: the recipe's NDCG@10 less popularity's, and the difference's 95% interval, by users.
    """

    n_items: int
    recipe: Figures
    popularity: Figures
    difference: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """How a recipe did, and at what cost.

    Attributes:
        figures: the quality.
        train_cpu_s: CPU-seconds of the training, the choice of weights included.
        peak_rss_mb: the most memory that the process has held, in MiB.
        weights: each part's weight, of a blend.
        new_items: among the items held out, of the split `cold_items`.
    """

    figures: Figures
    train_cpu_s: float
    peak_rss_mb: float
    weights: Mapping[str, float]
    new_items: NewItems | None = None


def make_split(log: Log, name: SplitName, *, test_days: float | None = None, seed: int = 0) -> Split:
    """Return a split of a log.

    Args:
        log: a file's rows; read in parts for `by_part`.
        name: one of SPLITS.
        test_days: length of the test time of `temporal` and `next_basket`; a tenth of the whole time by default.
        seed: which users `personalize` holds out, and which items `cold_items`.

    Raises:
        InvalidInteractions: the log tells no times, has no parts or no attributes of items, and the split needs them.
        InvalidHyperparameter: `test_days` is not above 0.
        NotEnoughData: too little is left to train on or to ask for.
    """
    if test_days is not None and not 0 < test_days < float("inf"):
        raise InvalidHyperparameter(f"test_days is {test_days}; give a number above 0.")
    if name in NEED_TIMES and not log.is_timed:
        raise InvalidInteractions(f"The split {name} needs times, and the file has only pos. Use leave_one_out.")
    if name == "by_part":
        if log.test is None:
            raise InvalidInteractions("The log was not read in parts; the split by_part needs a column part.")
        return by_part(log.interactions, log.test)
    if name == "leave_one_out":
        return leave_one_out(log.interactions)
    if name == "temporal":
        return temporal(log.interactions, test_days)
    if name == "personalize":
        return hold_out_users(log.interactions, seed=seed)
    if name == "cold_items":
        return cold_items(log.interactions, seed=seed)
    return next_basket(log.interactions, test_days, seed=seed)


def try_recipe(
    path: str | Path,
    recipe: str,
    split: SplitName,
    *,
    filter_seen: bool = False,
    new_only: bool = False,
    test_days: float | None = None,
    seed: int = 0,
    budget_s: float | None = None,
    items: str | Path | None = None,
    users: str | Path | None = None,
    progress: Progress | None = None,
) -> Trial:
    """Train a recipe with its defaults on a log file, and measure it.

    Args:
        path: the file, see `read_log`.
        recipe: the recipe's name.
        split: one of SPLITS.
        filter_seen: whether items of the history are taken out of the lists.
        new_only: the same, and only questions are asked whose answer is not in the history.
        test_days: see `make_split`.
        seed: of everything random in the training, and which users or items are held out.
        budget_s: CPU-seconds that the training may use; a blend's network takes part only within a budget.
        items: a file of items' attributes, see `read_table_csv`; items without an event join the catalogue.
        users: a file of users' attributes.
        progress: called with the share of the training done, 0..1, and a note.

    Raises:
        EngineError: the recipe is unknown, or the file does not suit; the message names the fault.
    """
    get_recipe(recipe)
    log = read_log(path, in_parts=split == "by_part").with_metadata(
        None if items is None else read_items_csv(items), None if users is None else read_users_csv(users)
    )
    asked = make_split(log, split, test_days=test_days, seed=seed)
    filter_seen = filter_seen or new_only
    is_list = split in ASK_FOR_LISTS
    questions: Literal["next_event", "newest_tenth"] = "newest_tenth" if is_list else "next_event"
    model = build_recommender(recipe, seed=seed, questions=questions, repeats=not filter_seen)
    started_s = time.process_time()
    model.fit(asked.train, budget_s=budget_s, progress=progress)
    train_cpu_s = time.process_time() - started_s
    figures = measure(model, asked, filter_seen=filter_seen, drop_seen_answers=new_only or (filter_seen and is_list))
    weights = model.chosen_weights() if isinstance(model, Blend) else {}
    # Linux counts in KiB.
    peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE
    new_items = _measure_new_items(model, log.interactions, asked) if asked.new_item_ids else None
    return Trial(figures, train_cpu_s, peak_rss_mb, weights, new_items)


def _measure_new_items(model: Recommender, interactions: Interactions, split: Split) -> NewItems:
    mine = ask(model, split, among=split.new_item_ids)
    base = ask(popularity_among(interactions, split), split, among=split.new_item_ids)
    gains = mine.ndcg_at_10() - base.ndcg_at_10()
    (low,), (high,) = metrics.bootstrap_interval(gains[:, None], mine.users)
    return NewItems(
        n_items=len(split.new_item_ids),
        recipe=mine.summarise(split.train),
        popularity=base.summarise(split.train),
        difference=(float(gains.mean()), float(low), float(high)),
    )
