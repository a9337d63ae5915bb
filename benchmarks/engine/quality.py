"""Measures recipes on public data sets, each with its CPU-seconds: one table, one definition of every figure.

python -m benchmarks.engine.quality DATA
python -m benchmarks.engine.quality DATA --recipe aws-user-personalization --budget 300 --seed 1 --only ml1m

DATA holds the folders ml1m, retailrocket_sessions and online_retail; what is absent is skipped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recommendations.engine.evaluation.trials import SplitName, Trial, try_recipe
from recommendations.engine.exceptions import EngineError
from recommendations.engine.recipes import DEFAULT_RECIPE

RECIPES = ("aws-popularity-count", "aws-trending-now", "aws-similar-items", DEFAULT_RECIPE)
WIDTH_WITHOUT_TERMINAL = 170


@dataclass(frozen=True, slots=True)
class Task:
    """A data set and what is asked of it."""

    name: str
    file: str
    split: SplitName
    asked: str
    filter_seen: bool = False
    new_only: bool = False
    test_days: float | None = None

    @property
    def folder(self) -> str:
        """The data set's folder, by which it is chosen."""
        return self.file.partition("/")[0]


TASKS = (
    Task("MovieLens-1M", "ml1m/interactions.csv.gz", "leave_one_out", "last film, seen ones out", filter_seen=True),
    Task("RetailRocket", "retailrocket_sessions/sessions.csv.gz", "by_part", "each next view"),
    Task(
        "RetailRocket",
        "retailrocket_sessions/sessions.csv.gz",
        "by_part",
        "each next view of a new item",
        new_only=True,
    ),
    Task("Online Retail", "online_retail/interactions.csv.gz", "temporal", "each next line, 28 days", test_days=28),
    Task("Online Retail", "online_retail/interactions.csv.gz", "personalize", "a newest tenth"),
    Task("Online Retail", "online_retail/interactions.csv.gz", "next_basket", "the next basket"),
)


def run_alone(path: Path, recipe: str, task: Task, seed: int, budget_s: float | None) -> Trial | str:
    """Try a recipe in a process of its own, so that cost and memory are its alone; return why where it cannot be."""
    trial = partial(
        try_recipe,
        path,
        recipe,
        task.split,
        filter_seen=task.filter_seen,
        new_only=task.new_only,
        test_days=task.test_days,
        seed=seed,
        budget_s=budget_s,
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(trial).result()
        except EngineError as error:
            return str(error)


def make_table(title: str) -> Table:
    """Return an empty table."""
    table = Table(title=title, title_justify="left")
    for heading in ("data set", "asked", "recipe"):
        table.add_column(heading)
    for heading in ("cases", "NDCG@10", "Recall@20", "MRR@25", "coverage@10", "train CPU-s", "peak MB"):
        table.add_column(heading, justify="right")
    table.add_column("weights")
    return table


def add_trial(table: Table, task: Task, recipe: str, trial: Trial) -> None:
    """Add one trial as a row."""
    figures = trial.figures
    table.add_row(
        task.name,
        task.asked,
        recipe,
        f"{figures.n_cases:,}",
        f"{figures.ndcg_at_10:.4f}",
        f"{figures.recall_at_20:.4f}",
        f"{figures.mrr_at_25:.4f}",
        f"{figures.coverage_at_10:.3f}",
        f"{trial.train_cpu_s:.1f}",
        f"{trial.peak_rss_mb:,.0f}",
        show_weights(trial.weights),
    )


def show_weights(weights: Mapping[str, float]) -> str:
    """Return the weights of the parts that took part."""
    return ", ".join(f"{name} {weight:g}" for name, weight in weights.items() if weight)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="quality", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of the data sets")
    parser.add_argument("--recipe", action="append", help=f"what to measure (default: {', '.join(RECIPES)})")
    parser.add_argument("--only", action="append", help="a data set's folder; all by default")
    parser.add_argument("--budget", type=float, help="CPU-seconds of each training; lets a blend's network take part")
    parser.add_argument("--seed", type=int, default=0, help="of everything random in the trainings")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and after it what was skipped and why."""
    options = parse_arguments(arguments)
    # One thread, so that a CPU-second is a second of one core.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    console = Console(width=None if Console().is_terminal else WIDTH_WITHOUT_TERMINAL)
    table = make_table(f"Whole catalogue ranked, seed {options.seed}, nothing chosen on the cases")
    skipped = []
    for task in TASKS:
        if options.only and task.folder not in options.only:
            continue
        path = options.data / task.file
        if not path.is_file():
            skipped.append(f"{task.name}, {task.asked}: there is no {path}")
            continue
        for recipe in options.recipe or RECIPES:
            outcome = run_alone(path, recipe, task, options.seed, options.budget)
            if isinstance(outcome, str):
                skipped.append(f"{task.name}, {task.asked}, {recipe}: {outcome}")
            else:
                add_trial(table, task, recipe, outcome)
    console.print(table)
    for reason in skipped:
        console.print(f"Skipped: {reason}")


if __name__ == "__main__":
    main()
