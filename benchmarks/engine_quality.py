"""Measures every engine model beside popularity on a CSV of interactions.

python -m benchmarks.engine_quality interactions.csv
python -m benchmarks.engine_quality log.csv.gz --users user_id --items item_id --time timestamp --types event_type
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.asking import NDCG_AT_25, Evaluation, Metric, compare, evaluate
from recommendations.engine.evaluation.splits import Split, by_time, hold_out_users, next_basket
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.vsknn import SessionNeighbours
from recommendations.engine.reading import CsvColumns, read_csv
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

BASELINE = "popularity, 14 days"


@dataclass(frozen=True, slots=True)
class Result:
    """One model on one split."""

    name: str
    evaluation: Evaluation
    train_cpu_s: float
    ask_ms: float
    weights: Mapping[str, float]


def make_models(seed: int) -> dict[str, Callable[[], Recommender]]:
    """Return what is measured; the baseline comes first."""
    return {
        BASELINE: lambda: Popularity(half_life_days=14.0, seed=seed),
        "popularity, all time": lambda: Popularity(half_life_days=None, seed=seed),
        "repeats": lambda: Repeats(seed=seed),
        "rules": lambda: SequentialRules(seed=seed),
        "vsknn": lambda: SessionNeighbours(seed=seed),
        DEFAULT_RECIPE: lambda: build_recommender(DEFAULT_RECIPE, seed=seed, questions="newest_tenth"),
    }


def measure(split: Split, seed: int, console: Console) -> dict[bool, list[Result]]:
    """Train every model once on a split, and measure it with repeats in and out."""
    results: dict[bool, list[Result]] = {True: [], False: []}
    models = make_models(seed)
    for name, make in track(models.items(), f"Measuring {split.name}", len(models), console=console, transient=True):
        started_s = time.process_time()
        model = make().fit(split.train)
        train_s = time.process_time() - started_s
        weights = model.chosen_weights() if isinstance(model, Blend) else {}
        for repeats in (True, False):
            started_s = time.process_time()
            evaluation = evaluate(model, split, repeats=repeats, seed=seed)
            ask_ms = 1_000 * (time.process_time() - started_s) / evaluation.n_cases
            results[repeats].append(Result(name, evaluation, train_s, ask_ms, weights))
    return results


def make_table(split: Split, results: Sequence[Result], *, repeats: bool) -> Table:
    """Return one split's results as a table."""
    first = results[0].evaluation
    table = Table(
        title=f"{split.name}, repeats {'in' if repeats else 'out'}: {first.n_cases:,} cases, "
        f"{len(split.train):,} interactions trained on, {len(split.item_ids):,} items",
        title_justify="left",
    )
    table.add_column("model")
    headings = ("NDCG@25 [95%]", f"minus {BASELINE} [95%]", "NDCG@10", "NDCG@5", "MRR@25", "precision@25", "coverage")
    for heading in (*headings, "train CPU-s", "CPU-ms a case"):
        table.add_column(heading, justify="right")
    for result in results:
        evaluation = result.evaluation
        difference = compare(evaluation, first)
        table.add_row(
            result.name,
            show(evaluation.metric(NDCG_AT_25)),
            f"{difference.difference:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]",
            *(
                f"{evaluation.metric(name).value:.4f}"
                for name in (
                    "normalized_discounted_cumulative_gain_at_10",
                    "normalized_discounted_cumulative_gain_at_5",
                    "mean_reciprocal_rank_at_25",
                    "precision_at_25",
                )
            ),
            f"{evaluation.coverage:.2f}",
            f"{result.train_cpu_s:.2f}",
            f"{result.ask_ms:.2f}",
        )
    return table


def show(metric: Metric) -> str:
    """Return a metric and its interval as text."""
    return f"{metric.value:.4f} [{metric.low:.4f}, {metric.high:.4f}]"


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="engine_quality", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("file", help="interactions as CSV, plain or .gz")
    parser.add_argument("--users", default="USER_ID", help="the column of user ids")
    parser.add_argument("--items", default="ITEM_ID", help="the column of item ids")
    parser.add_argument("--time", default="TIMESTAMP", help="the column of epoch seconds")
    parser.add_argument("--types", default="EVENT_TYPE", help="the column of event types")
    parser.add_argument("--exclude-types", default="return,hide", help="event types left out altogether, by commas")
    parser.add_argument("--test-days", type=float, help="test time of the splits by time; a tenth of all by default")
    parser.add_argument("--max-cases", type=int, default=2_000, help="the most shoppers asked about in a split by time")
    parser.add_argument("--seed", type=int, default=0, help="of splits, models and intervals")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each split, with repeats in and out."""
    options = parse_arguments(arguments)
    # Without a terminal, a table keeps its full width rather than folding every cell.
    console = Console(width=None if Console().is_terminal else 190)
    started_s = time.process_time()
    columns = CsvColumns(options.users, options.items, options.time, options.types)
    interactions = exclude_types(read_csv(options.file, columns), options.exclude_types.split(","))
    console.print(
        f"{len(interactions):,} interactions of {interactions.n_users:,} users with {interactions.n_items:,} items, "
        f"read in {time.process_time() - started_s:.2f} CPU-s"
    )
    for split in (
        hold_out_users(interactions, seed=options.seed),
        next_basket(interactions, options.test_days, max_users=options.max_cases, seed=options.seed),
        by_time(interactions, options.test_days, max_users=options.max_cases, seed=options.seed),
    ):
        results = measure(split, options.seed, console)
        for repeats, rows in results.items():
            console.print(make_table(split, rows, repeats=repeats))
        weights = ", ".join(f"{name} {weight:g}" for name, weight in results[True][-1].weights.items())
        console.print(f"Weights of {DEFAULT_RECIPE}, chosen within the training data: {weights}\n")


def exclude_types(interactions: Interactions, names: Sequence[str]) -> Interactions:
    """Return the interactions of all other event types."""
    excluded = np.array([name in names for name in interactions.event_types], np.bool_)
    return interactions.take(~excluded[interactions.types])


if __name__ == "__main__":
    main()
