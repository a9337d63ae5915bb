"""Measures live state: how soon an event moves lists in another process, and what listening costs a request and memory.

Run it with `python -m benchmarks.engine.live`; it works in a scratch world of its own.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from uuid import uuid4

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine.simulated_log import make_log
from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.vsknn import SessionNeighbours
from recommendations.engine.recipes import build_recommender

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")

SIZES = (3_000, 30_000, 100_000)
EVENTS_PER_ITEM = 10
REQUESTS = 300
K = 48
TRIALS = 100
# What fills every bound of a live activity: visits of four items.
VISITS = 40_000
VISIT_ITEMS = 4
GIVEN_UP_S = 10.0


def percentiles(seconds: Sequence[float]) -> str:
    """The 50th and 99th percentile in milliseconds."""
    middle, high = np.percentile(np.array(seconds) * 1_000, [50, 99])
    return f"{middle:.2f} / {high:.2f}"


def timed(call: Callable[[int], object], n: int) -> list[float]:
    """Seconds of each call, after a few that warm up."""
    for number in range(10):
        call(number)
    took = []
    for number in range(n):
        began_s = time.perf_counter()
        call(number)
        took.append(time.perf_counter() - began_s)
    return took


def make_blend() -> Blend:
    """The default recipe's quick parts, with weights given, so that training chooses none."""
    parts = {"rules": SequentialRules(), "vsknn": SessionNeighbours(), "popularity": Popularity()}
    return Blend(parts, weights={"rules": 1.0, "vsknn": 1.0, "popularity": 0.1})


def live_events(log: Interactions, n_visits: int) -> list[tuple[str, Event]]:
    """New visits to items as popular as the log's, after its end."""
    chance = np.random.default_rng(7)
    starts = chance.integers(0, len(log) - VISIT_ITEMS, n_visits)
    newest_at = int(log.timestamps.max())
    return [
        (f"visitor-{visit}", Event(log.item_ids[log.items[start + place]], newest_at + visit, "product_view"))
        for visit, start in enumerate(starts.tolist())
        for place in range(VISIT_ITEMS)
    ]


def cost_of_listening(console: Console) -> None:
    """What a request and a process pay for a live activity that is full."""
    table = Table(title="A full live activity; ms are p50 / p99 of one request for 48 items")
    for name in ("items", "blend without, ms", "blend with, ms", "popularity with, ms", "trending with, ms"):
        table.add_column(name, justify="right")
    for name in ("adds a second", "MB"):
        table.add_column(name, justify="right")
    for n_items in SIZES:
        log = make_log(n_items * EVENTS_PER_ITEM, n_items)
        models = {"blend": make_blend(), "popularity": Popularity(), "trending": build_recommender("aws-trending-now")}
        for model in models.values():
            model.fit(log)
        histories = [log.events(*log.starts[user : user + 2].tolist())[-50:] for user in range(REQUESTS + 10)]
        live, per_second, n_bytes = fill(log)

        def ask(name: str, activity: LiveActivity | None) -> list[float]:
            model = models[name]  # noqa: B023 - called within the loop
            return timed(lambda number: model.recommend([histories[number]], K, live=activity), REQUESTS)  # noqa: B023

        seen = live.seen_by("somebody")
        figures = [percentiles(ask("blend", None)), *(percentiles(ask(name, seen)) for name in models)]
        table.add_row(f"{n_items:,}", *figures, f"{per_second:,.0f}", f"{n_bytes / 1e6:.1f}")
    console.print(table)


def fill(log: Interactions) -> tuple[LiveActivity, float, int]:
    """A live activity at its bounds, how many events it took a second, and the bytes it holds."""
    events = live_events(log, VISITS)
    gc.collect()
    tracemalloc.start()
    live = LiveActivity(log.item_ids)
    for half_life_s in (14 * 86_400.0, 86_400.0 * np.log(2)):
        live.counts(half_life_s)
        live.counts(half_life_s, once_a_visit=True)
    live.add_all(events)
    gc.collect()
    n_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    again = LiveActivity(log.item_ids)
    began_s = time.perf_counter()
    again.add_all(events)
    return again, len(events) / (time.perf_counter() - began_s), n_bytes


def steps_of_a_network(console: Console) -> None:
    """What the next event of a shopper costs a network that kept the state before it, and one that did not."""
    log = make_log(60_000, 3_000)
    model = Hrnn(passes=0, validation_users=0).fit(log)
    chance = np.random.default_rng(3)
    items = chance.integers(0, log.n_items, 600)
    times = 1_700_000_000 + 60 * np.arange(600, dtype=np.int64)
    table = Table(title="One request of HRNN alone, 3,000 items; ms are p50 / p99")
    for name in ("events of the history", "the next event, ms", "a history seen for the first time, ms"):
        table.add_column(name, justify="right")

    def history(newest: int, n_events: int) -> Encoded:
        rows = slice(max(0, newest - n_events), newest)
        known = items[rows].astype(np.intp)
        return Encoded(known, ("product_view",) * len(known), times[rows])

    for n_events in (20, 100, 250):
        known = timed(lambda number, n=n_events: model.score_history(history(n + number, n + number)), 250)  # type: ignore[misc]
        if n_events == 250:
            # A ring that is full loses an event for each that comes.
            known = timed(lambda number, n=n_events: model.score_history(history(n + number, n)), 250)  # type: ignore[misc]
        fresh = timed(lambda number, n=n_events: model.score_history(history(n + 300 - number, n)), 50)  # type: ignore[misc]
        table.add_row(f"{n_events}", percentiles(known), percentiles(fresh))
    console.print(table)


def write_events(tracking_id: str, pipe: multiprocessing.connection.Connection) -> None:
    """The process that takes events: views what it is told, and says when by the clock all processes share."""
    import django

    django.setup()
    from recommendations import conf
    from recommendations.adapters.embedded.rings import append_events
    from recommendations.ports import Interaction

    append_events(tracking_id, [])
    pipe.send("ready")
    while (told := pipe.recv()) is not None:
        shopper, item_ids = told
        now = conf.now()
        views = [Interaction(uuid4(), shopper, "s", item, "product_view", now, now) for item in item_ids]
        put_at_s = time.monotonic()
        append_events(tracking_id, views)
        pipe.send(put_at_s)


class Elsewhere:
    """Lists served here, of events that another process takes."""

    def __init__(self, tracking_id: str, log: Interactions) -> None:
        from recommendations.adapters.embedded import following

        self._tracking_id = tracking_id
        self._model = make_blend().fit(log)
        live = following.open_activity(tracking_id, self._model)
        if live is None:
            raise SystemExit("The blend listens to nobody; does it have neighbours and popularity still?")
        self._live = live
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._writer = spawning.Process(target=write_events, args=(tracking_id, theirs), daemon=True)
        self._writer.start()
        self._pipe.recv()

    def until_changed(self, *, writes: str, asks: str, item_ids: list[str]) -> float:
        """Seconds from one shopper's views until the scores of one's list are others."""
        before, began_s = self._scores(asks), time.monotonic()
        self._pipe.send((writes, item_ids))
        while self._scores(asks) == before:
            if time.monotonic() - began_s > GIVEN_UP_S:
                raise SystemExit(f"{asks}'s list did not change within {GIVEN_UP_S:.0f} s of views by {writes}.")
        changed_at_s = time.monotonic()
        return changed_at_s - float(self._pipe.recv())

    def close(self) -> None:
        self._pipe.send(None)
        self._writer.join(GIVEN_UP_S)

    def _scores(self, shopper: str) -> list[float]:
        from recommendations.adapters.embedded.live_log import owner_of
        from recommendations.adapters.embedded.rings import read_events

        history = read_events(self._tracking_id, shopper)
        seen = self._live.seen_by(owner_of(self._tracking_id, shopper))
        scores: list[float] = self._model.recommend([history], 100, live=seen)[1][0].tolist()
        return scores


def soonness(console: Console) -> None:
    """From an event's being put in one process to the lists that another serves."""
    import django

    django.setup()
    from recommendations.adapters.embedded import rings

    tracking_id, log = f"bench-{uuid4().hex}", make_log(100_000, 3_000)
    there = Elsewhere(tracking_id, log)
    chance = np.random.default_rng(11)
    own, others = [], []
    # What is viewed by more visitors moves the list of whoever has no history at all.
    popular = [log.item_ids[int(np.bincount(log.items).argmax())]]
    for number in range(TRIALS):
        items = [log.item_ids[item] for item in chance.choice(log.items, 3).tolist()]
        own.append(there.until_changed(writes=f"shopper-{number}", asks=f"shopper-{number}", item_ids=items))
        others.append(there.until_changed(writes=f"visitor-{number}", asks="somebody-else", item_ids=popular))
    there.close()
    table = Table(title="An event taken by one process, in lists of another; ms are p50 / p99")
    for name in (
        "the shopper's own list, ms",
        "other shoppers' lists, ms",
        "full log in Valkey, MB",
        "read by a new process, s",
    ):
        table.add_column(name, justify="right")
    n_bytes, took_s = begin_late(tracking_id, log)
    table.add_row(percentiles(own), percentiles(others), f"{n_bytes / 1e6:.2f}", f"{took_s:.2f}")
    console.print(table)
    rings.delete_rings(tracking_id)


def begin_late(tracking_id: str, log: Interactions) -> tuple[int, float]:
    """The bytes of a full log, and the seconds that a process which begins takes to read it."""
    from recommendations.adapters.embedded import following, live_log
    from recommendations.events.connections import worker_client

    fill_log(tracking_id, log)
    n_bytes: object = worker_client().memory_usage(live_log.log_key(tracking_id), samples=0)
    began_s = time.perf_counter()
    fresh, follower = LiveActivity(log.item_ids), following.Follower()
    follower.follow(tracking_id, fresh)
    follower.catch_up()
    return int(str(n_bytes)), time.perf_counter() - began_s


def fill_log(tracking_id: str, log: Interactions) -> None:
    from recommendations import conf
    from recommendations.adapters.embedded import live_log, rings
    from recommendations.ports import Interaction

    now = conf.now()
    for batch in range(live_log.LOG_LENGTH // 500):
        views = [
            Interaction(
                uuid4(), f"filler-{batch}-{number // 4}", "s", log.item_ids[log.items[number]], "product_view", now, now
            )
            for number in range(500)
        ]
        rings.append_events(tracking_id, views)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=("cost", "steps", "soonness"), help="one table instead of all")
    only = parser.parse_args().only
    console = Console(width=None if sys.stdout.isatty() else 150)
    if only in {None, "cost"}:
        cost_of_listening(console)
    if only in {None, "steps"}:
        steps_of_a_network(console)
    if only in {None, "soonness"}:
        from storefront.bundled import bundled_servers

        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            os.environ["VAR_DIR"] = folder
            with bundled_servers():
                soonness(console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
