"""Measures what listening to live events is worth: a log is lived through after a training, with and without them.

python -m benchmarks.engine.live_quality DATA/online_retail/interactions.csv.gz --test-days 28

Every model is trained once, on what came before the test time. Both ways know all that the asked shopper did before
the event; one way the model also knows what all others did by then.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.logs import read_log
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.vsknn import SessionNeighbours
from recommendations.engine.recipes import DEFAULT_RECIPE, build_recommender

DAY_S = 86_400
K = 10
MOST_HISTORY = 200
SEED = 7

Ways = tuple[list[float], list[float]]


def ndcg(ranked: list[str], truth: str) -> float:
    """Of one next item: 1 / log2(rank + 1), 0 behind the tenth."""
    return float(1.0 / np.log2(ranked.index(truth) + 2)) if truth in ranked else 0.0


def in_time(log: Interactions, rows: NDArray[np.intp]) -> Iterator[tuple[int, list[tuple[str, Event]]]]:
    """Each row in order of time, with what everybody did since the row before, of earlier seconds alone."""
    order = rows[np.argsort(log.timestamps[rows], kind="stable")]
    waiting: list[tuple[str, Event]] = []
    news: list[tuple[str, Event]] = []
    at = -1
    for row in order.tolist():
        time = int(log.timestamps[row])
        if time != at:
            news, waiting, at = waiting, [], time
        yield row, news
        news = []
        waiting.append((log.user_ids[log.users[row]], log.events(row, row + 1)[0]))


def live_through(
    log: Interactions, models: Mapping[str, Recommender], rows: NDArray[np.intp], n_cases: int
) -> dict[str, Ways]:
    """NDCG@10 of every model at the asked events, without live events and with them."""
    asked = set(np.random.default_rng(SEED).choice(rows, min(n_cases, len(rows)), replace=False).tolist())
    lives = {name: LiveActivity(model.item_ids_, model.event_weights) for name, model in models.items()}
    found: dict[str, Ways] = {name: ([], []) for name in models}
    for row, news in in_time(log, rows):
        for live in lives.values():
            live.add_all(news)
        if row not in asked:
            continue
        user = int(log.users[row])
        history = log.events(max(int(log.starts[user]), row - MOST_HISTORY), row)
        for name, model in models.items():
            seen = lives[name].seen_by(log.user_ids[user])
            for cases, live_or_none in zip(found[name], (None, seen), strict=True):
                (ranked,), _ = model.recommend([history], K, live=live_or_none)
                cases.append(ndcg(ranked, log.item_ids[log.items[row]]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a log as `manage.py evaluate` takes it")
    parser.add_argument("--test-days", type=float, required=True, help="how long the log is lived through")
    parser.add_argument("--cases", type=int, default=2_000, help="events that are asked for (default: %(default)s)")
    given = parser.parse_args()
    log = read_log(given.file).interactions
    is_before = log.timestamps < int(log.timestamps.max()) - given.test_days * DAY_S
    models = {
        "popularity": Popularity(),
        "vsknn": SessionNeighbours(),
        DEFAULT_RECIPE: build_recommender(DEFAULT_RECIPE),
    }
    for model in models.values():
        model.fit(log.take(is_before))
    found = live_through(log, models, np.flatnonzero(~is_before), given.cases)
    table = Table(title=f"NDCG@10 of the next event, {given.test_days:g} days after a training at most")
    for name in ("model", "without live events", "with them", "difference, 95%", "cases"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for name, ways in found.items():
        without, heard = map(np.array, ways)
        half = 1.96 * float((heard - without).std()) / np.sqrt(len(heard))
        difference = f"{(heard - without).mean():+.4f} ± {half:.4f}"
        table.add_row(name, f"{without.mean():.4f}", f"{heard.mean():.4f}", difference, f"{len(heard):,}")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
