"""Measures what items that came after a training cost: a request, by how many there are, and finding what each is like.

python -m benchmarks.engine.newcomers
python -m benchmarks.engine.newcomers --items 3000,30000 --newcomers 0,1,10,100,1000,10000 --requests 400

Each request takes a history of up to 50 events and asks for 48 items of the default recipe, young ones explored.
CPU-milliseconds, since other work on the machine lengthens the clock's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine.quality import WIDTH_WITHOUT_TERMINAL
from benchmarks.engine.simulated_log import make_log
from recommendations.engine.answers.exploration import Shown, explore
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.models.newcomers import Likeness, Widened
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

EVENTS_PER_ITEM = 10
K = 48
WARM_UP = 20
WEIGHT = 0.3
# Items of the catalogue that are explored anyway, as in any shop that goes on.
N_YOUNG = 20
N_CATEGORIES, N_BRANDS = 14, 40


def make_items(ids: Sequence[str], chance: np.random.Generator) -> Metadata:
    """Items of random categories, brands and prices."""
    return Metadata.build(
        ids,
        categorical={
            "CATEGORY_L1": [(f"category-{n}",) for n in chance.integers(0, N_CATEGORIES, len(ids)).tolist()],
            "BRAND": [(f"brand-{n}",) for n in chance.integers(0, N_BRANDS, len(ids)).tolist()],
        },
        numerical={"PRICE": chance.lognormal(4.0, 1.0, len(ids)).tolist()},
    )


def measure(n_items: int, numbers: Sequence[int], n_requests: int, seed: int) -> list[tuple[str, ...]]:
    """Return one row for each number of newcomers."""
    chance = np.random.default_rng(seed)
    log = make_log(n_items * EVENTS_PER_ITEM, n_items, seed)
    model = build_recommender(DEFAULT_RECIPE, seed=seed).fit(log)
    histories = UserHistories.from_interactions(log)
    users = chance.integers(0, len(histories), n_requests + WARM_UP).tolist()
    encoded = [model.encode(histories.of(histories.users[user])[-50:]) for user in users]
    known = make_items(model.item_ids_, chance)
    likeness = Likeness(known, np.bincount(log.items, minlength=log.n_items))
    rows: list[tuple[str, ...]] = []
    for n in numbers:
        began_s = time.process_time()
        alike = likeness.find(make_items([f"new-{j}" for j in range(n)], chance))
        finding_s = time.process_time() - began_s
        young = np.arange(log.n_items - N_YOUNG, log.n_items + n)
        shown = Shown.never(len(young))
        took = []
        for number, one in enumerate(encoded):
            began_s = time.process_time()
            scoring = model.scoring(one)
            if n:
                scoring = Widened(scoring, log.n_items, alike, partial(np.random.default_rng, number))
            explore(scoring, K, None, weight=WEIGHT, young=young, shown=shown, recommendation_id=f"{number}")
            took.append(time.process_time() - began_s)
        p50, p99 = np.percentile(np.array(took[WARM_UP:]) * 1_000, [50, 99])
        each = f"{finding_s / n * 1_000:.3f}" if n else ""
        rows.append((f"{n_items:,}", f"{n:,}", f"{p50:.3f}", f"{p99:.3f}", each))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", default="3000,30000")
    parser.add_argument("--newcomers", default="0,1,10,100,1000,10000")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = Table(title="A request with items that no training knew")
    for heading in ("items", "newcomers", "CPU ms p50", "CPU ms p99", "CPU ms to find what one is like"):
        table.add_column(heading, justify="right")
    for n_items in map(int, options.items.split(",")):
        for row in measure(n_items, list(map(int, options.newcomers.split(","))), options.requests, options.seed):
            table.add_row(*row)
    console = Console()
    Console(width=None if console.is_terminal else WIDTH_WITHOUT_TERMINAL).print(table)


if __name__ == "__main__":
    main()
