"""The three recipes of the network alone, on one exam: known items, items that nobody has touched, newcomers.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.engine.hrnn_recipes ../shared/data/ml1m --budget 120
OPENBLAS_NUM_THREADS=1 python -m benchmarks.engine.hrnn_recipes demo --seed 2

A folder holds interactions.csv.gz, items.csv.gz and, where users' attributes are known, users.csv.gz; `demo` is the
simulated demo world. A tenth of the items is held out whole, and a twentieth of the users where their attributes are
known. What is left is trained on but for each user's last two events.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine import demo_truth
from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata_reading import read_items_csv, read_users_csv
from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.cold_items import cold_items, popularity_among
from recommendations.engine.evaluation.figures import Answers, ask
from recommendations.engine.evaluation.logs import read_log
from recommendations.engine.evaluation.next_event import leave_one_out
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.exceptions import EngineError
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.content import Content
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.recipes import build_recommender

RECIPES = ("aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart")
POPULARITY, CONTENT = "popularity", "content"
NEWCOMER_SHARE = 0.05
N_CASES = 3_000
SAMPLING_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What is trained on, and what is asked.

    Attributes:
        train: everything that models may learn from.
        known: each user's last event.
        new: events on items held out whole, to be found among those alone.
        newcomers: the first event of users held out whole, from their attributes alone; None where there are none.
        best_known: popularity among the held-out items by the very events asked for, which nobody could know before.
    """

    train: Interactions
    known: Split
    new: Split
    newcomers: Split | None
    best_known: Popularity


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One model's answers to each part of the exam, None where it has none; and what its training cost."""

    name: str
    known: Answers | None
    new: Answers | None
    newcomers: Answers | None
    train_cpu_s: float


def build_exam(log: Interactions, seed: int, n_cases: int) -> Exam:
    """Cut a log.

    Args:
        log: with attributes of items, and of users where they are known.
        seed: which items and users are held out.
        n_cases: the most questions of each part.
    """
    is_kept, newcomers = _hold_out_users(log, seed)
    new = cold_items(log.take(is_kept), seed=seed)
    known = leave_one_out(new.train)
    held_out = set(new.new_item_ids)
    askable = [case for case in newcomers if not case.truth & held_out]
    return Exam(
        train=known.train,
        known=_sample(known, n_cases),
        new=_sample(new, n_cases),
        newcomers=_sample(replace(known, name="newcomers", cases=tuple(askable)), n_cases) if askable else None,
        best_known=popularity_among(log.take(is_kept), new),
    )


def _hold_out_users(log: Interactions, seed: int) -> tuple[np.ndarray, list[Case]]:
    """Return which rows stay, and what the users held out are asked."""
    if log.user_metadata is None:
        return np.ones(len(log), np.bool_), []
    n_held_out = max(1, round(NEWCOMER_SHARE * log.n_users))
    chosen = np.sort(np.random.default_rng(seed).choice(log.n_users, n_held_out, replace=False))
    cases = [
        Case(
            log.user_ids[user],
            (),
            frozenset({log.item_ids[int(log.items[log.starts[user]])]}),
            Traits.of(log.user_metadata, log.user_ids[user]),
        )
        for user in chosen.tolist()
    ]
    return ~np.isin(log.users, chosen), cases


def _sample(split: Split, n_cases: int) -> Split:
    if len(split.cases) <= n_cases:
        return split
    chosen = np.random.default_rng(SAMPLING_SEED).choice(len(split.cases), n_cases, replace=False)
    return replace(split, cases=tuple(split.cases[number] for number in np.sort(chosen).tolist()))


def answer_popularity(exam: Exam) -> Result:
    """Ask what is popular: among known items by the training, among new ones by the very events asked for."""
    popular = Popularity(half_life_days=None).fit(exam.train)
    newcomers = None if exam.newcomers is None else ask(popular, exam.newcomers)
    new = ask(exam.best_known, exam.new, among=exam.new.new_item_ids)
    return Result(POPULARITY, ask(popular, exam.known, filter_seen=True), new, newcomers, 0.0)


def answer_content(exam: Exam) -> Result:
    """Ask attributes alone, without a network, about new items."""
    started_s = time.process_time()
    model = Content().fit(exam.train)
    train_cpu_s = time.process_time() - started_s
    return Result(CONTENT, None, ask(model, exam.new, among=exam.new.new_item_ids), None, train_cpu_s)


def answer_recipe(exam: Exam, recipe: str, seed: int, budget_s: float | None) -> Result:
    """Train a recipe with its defaults, and ask it everything.

    Raises:
        EngineError: the log does not suit the recipe: it has no attributes, for example.
    """
    model: Recommender = build_recommender(recipe, seed=seed)
    started_s = time.process_time()
    model.fit(exam.train, budget_s=budget_s)
    train_cpu_s = time.process_time() - started_s
    return Result(
        recipe,
        ask(model, exam.known, filter_seen=True),
        ask(model, exam.new, among=exam.new.new_item_ids),
        None if exam.newcomers is None else ask(model, exam.newcomers),
        train_cpu_s,
    )


def lead_over(mine: Answers, other: Answers) -> tuple[float, float, float]:
    """How much greater the mean NDCG@10 is on the same questions, and the 95% interval of that, users drawn whole."""
    lead = mine.ndcg_at_10() - other.ndcg_at_10()
    low, high = metrics.bootstrap_interval(lead[:, None], mine.users)
    return float(lead.mean()), float(low[0]), float(high[0])


def make_table(exam: Exam, results: Sequence[Result]) -> Table:
    """Return all results, and their leads over the first."""
    title = (
        f"{len(exam.train):,} events of {exam.train.n_users:,} users on {exam.train.n_items:,} items, "
        f"{len(exam.new.new_item_ids)} of them new. NDCG@10 of {len(exam.known.cases):,} last events (seen items left "
        f"out), {len(exam.new.cases):,} events on new items (among the new ones), "
        f"{0 if exam.newcomers is None else len(exam.newcomers.cases):,} newcomers"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("model", no_wrap=True)
    for heading in ("known items", "new items", "lead over popularity", "Recall@20 new", "newcomers", "lead", "CPU-s"):
        table.add_column(heading, justify="right")
    first = results[0]
    for result in results:
        table.add_row(
            result.name,
            _show(result.known),
            _show(result.new),
            _show_lead(result.new, first.new),
            "" if result.new is None else f"{result.new.hits[:, :20].any(axis=1).mean():.3f}",
            _show(result.newcomers),
            _show_lead(result.newcomers, first.newcomers),
            f"{result.train_cpu_s:.0f}" if result.train_cpu_s else "",
        )
    return table


def _show(answers: Answers | None) -> str:
    return "" if answers is None else f"{answers.ndcg_at_10().mean():.4f}"


def _show_lead(mine: Answers | None, other: Answers | None) -> str:
    if mine is None or other is None or mine is other:
        return ""
    lead, low, high = lead_over(mine, other)
    return f"{lead:+.4f} [{low:+.4f}, {high:+.4f}]"


def read_exam_log(subject: str, seed: int) -> Interactions:
    """Return a folder's log with all attributes, or the demo world's."""
    if subject == "demo":
        return demo_truth.build_exam("small", seed, 1).train
    folder = Path(subject)
    users = folder / "users.csv.gz"
    return read_log(folder / "interactions.csv.gz").interactions.with_metadata(
        read_items_csv(folder / "items.csv.gz"), read_users_csv(users) if users.exists() else None
    )


def run(exam: Exam, recipes: Iterable[str], seed: int, budget_s: float | None) -> tuple[list[Result], list[str]]:
    """Return all results, and which recipes could not be trained and why."""
    results, skipped = [answer_popularity(exam)], []
    for name in (CONTENT, *recipes):
        try:
            results.append(answer_content(exam) if name == CONTENT else answer_recipe(exam, name, seed, budget_s))
        except EngineError as error:
            skipped.append(f"Skipped: {name}: {error}")
    return results, skipped


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="hrnn_recipes", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("subject", help="a folder of files, or demo")
    parser.add_argument("--recipe", action="append", choices=RECIPES, help="what to train (default: all three)")
    parser.add_argument("--budget", type=float, help="CPU-seconds of each training (default: no limit)")
    parser.add_argument("--users", type=int, help="learn from and ask only so many users, chosen by the seed")
    parser.add_argument("--cases", type=int, default=N_CASES, help="the most questions of each part")
    parser.add_argument("--seed", type=int, default=1, help="of what is held out, and of the trainings")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and after it what could not be trained and why."""
    options = parse_arguments(arguments)
    log = read_exam_log(options.subject, options.seed)
    if options.users is not None and options.users < log.n_users:
        chosen = np.random.default_rng(options.seed).choice(log.n_users, options.users, replace=False)
        log = log.take(np.isin(log.users, chosen))
    exam = build_exam(log, options.seed, options.cases)
    results, skipped = run(exam, options.recipe or RECIPES, options.seed, options.budget)
    console = Console(width=None if Console().is_terminal else 170)
    console.print(make_table(exam, results))
    for reason in skipped:
        console.print(reason, markup=False)


if __name__ == "__main__":
    main()
