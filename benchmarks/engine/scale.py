"""Measures what a training costs by the number of events: CPU-seconds and their exponent, memory, the model's size.

python -m benchmarks.engine.scale
python -m benchmarks.engine.scale --events 100000,1000000,10000000 --recipe aws-user-personalization --seed 1
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine.quality import WIDTH_WITHOUT_TERMINAL, show_weights
from benchmarks.engine.simulated_log import count_items, make_log
from recommendations.engine import artifacts
from recommendations.engine.models.blend import Blend
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one training cost.

    Attributes:
        n_events, n_users, n_items: of the log.
        cpu_s: CPU-seconds of the training, the choice of weights included.
        wall_s: seconds that it took, which other work on the machine makes longer.
        log_mb: memory before the training, the log included, in MiB.
        peak_mb: the most memory of the process, in MiB.
        model_mb: the artifact's size, in MiB.
        weights: the parts that take part, with their weights.
    """

    n_events: int
    n_users: int
    n_items: int
    cpu_s: float
    wall_s: float
    log_mb: float
    peak_mb: float
    model_mb: float
    weights: str


def measure(recipe: str, n_events: int, seed: int, budget_s: float | None = None) -> Cost:
    """Train a recipe once on a simulated log, and save it; for a process of its own."""
    log = make_log(n_events, count_items(n_events), seed)
    log_mb = peak_rss_mb()
    model = build_recommender(recipe, seed=seed)
    started_s, began_s = time.process_time(), time.monotonic()
    model.fit(log, budget_s=budget_s)
    cpu_s, wall_s = time.process_time() - started_s, time.monotonic() - began_s
    with tempfile.TemporaryDirectory() as folder:
        artifacts.save(Path(folder) / "model", model)
        size = sum(path.stat().st_size for path in (Path(folder) / "model").iterdir())
    weights = show_weights(model.chosen_weights()) if isinstance(model, Blend) else ""
    return Cost(n_events, log.n_users, log.n_items, cpu_s, wall_s, log_mb, peak_rss_mb(), size / MEBIBYTE, weights)


def peak_rss_mb() -> float:
    """The most memory that this process has held, in MiB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE


def fit_exponent(costs: Sequence[Cost]) -> float:
    """Return b of cost ~ events ** b, by least squares of the logarithms; NaN for fewer than two sizes."""
    if len(costs) < 2:
        return float("nan")
    events = np.log([cost.n_events for cost in costs])
    slope: float = np.polyfit(events, np.log([max(cost.cpu_s, 1e-3) for cost in costs]), 1)[0]
    return float(slope)


def make_table(recipe: str, costs: Sequence[Cost]) -> Table:
    """Return the costs, with the exponent beneath."""
    table = Table(title=f"Training of {recipe} on simulated logs, one thread", title_justify="left")
    headings = ("events", "users", "items", "CPU-s", "us an event", "wall s", "MB before", "peak MB", "model MB")
    for heading in headings:
        table.add_column(heading, justify="right")
    table.add_column("weights")
    for cost in costs:
        table.add_row(
            f"{cost.n_events:,}",
            f"{cost.n_users:,}",
            f"{cost.n_items:,}",
            f"{cost.cpu_s:.1f}",
            f"{1e6 * cost.cpu_s / cost.n_events:.1f}",
            f"{cost.wall_s:.1f}",
            f"{cost.log_mb:,.0f}",
            f"{cost.peak_mb:,.0f}",
            f"{cost.model_mb:,.1f}",
            cost.weights,
        )
    table.caption = f"CPU-seconds grow as events to the power of {fit_exponent(costs):.2f}"
    return table


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="scale", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--events", default="100000,1000000,10000000", help="sizes, by commas")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, help="what to train")
    parser.add_argument("--budget", type=float, help="CPU-seconds; lets a blend's network take part")
    parser.add_argument("--seed", type=int, default=0, help="of the logs and the trainings")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = parse_arguments(arguments)
    # One thread, so that a CPU-second is a second of one core.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    console = Console(width=None if Console().is_terminal else WIDTH_WITHOUT_TERMINAL)
    costs = []
    for n_events in (int(text) for text in options.events.split(",")):
        # A process each, so that memory and cost are its alone.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            costs.append(pool.submit(measure, options.recipe, n_events, options.seed, options.budget).result())
        console.print(f"{n_events:,} events: {costs[-1].cpu_s:.1f} CPU-s, {costs[-1].peak_mb:,.0f} MB at most")
    console.print(make_table(options.recipe, costs))


if __name__ == "__main__":
    main()
