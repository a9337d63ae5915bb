from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from recommendations.engine.answers.scoring import InOrder, order_of
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.live.scoring import Moved
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.trending import LEADING, Trending

N_ITEMS = 6_000
DAY_S = 86_400


def make_log(rng: np.random.Generator, n_events: int, first_day: int) -> list[tuple[str, Event]]:
    items = (N_ITEMS * rng.random(n_events) ** 3).astype(int)
    times = np.sort(rng.integers(first_day * DAY_S, (first_day + 10) * DAY_S, n_events))
    return [
        (f"u{number}", Event(f"i{item:05}", time, "view"))
        for number, (item, time) in enumerate(zip(items.tolist(), times.tolist(), strict=True))
    ]


def columns_of(rows: list[tuple[str, Event]]) -> Interactions:
    users, events = zip(*rows, strict=True)
    items, times, types = zip(*events, strict=True)
    return Interactions.from_columns(users, items, times, types)


@pytest.mark.parametrize("factory", [Popularity, lambda: Popularity(2.0, unique_users=False), Trending])
@pytest.mark.parametrize("n_events", [1, 300, 5_000])
def test_best_of_few_items_are_the_best_of_all(factory: Callable[[], Recommender], n_events: int) -> None:
    rng = np.random.default_rng(5)
    model = factory().fit(columns_of(make_log(rng, 40_000, 0)))
    live = LiveActivity(model.item_ids_)
    live.add_all(make_log(rng, n_events, 9))
    allowed = rng.random(len(model.item_ids_)) < 0.3
    encoded = model.encode([], live=live)

    few, dense = model.score_candidates(encoded, allowed, 50).best(50), model.score_history(encoded)

    expected = np.flatnonzero(allowed)[np.argsort(-dense[allowed], kind="stable")[:50]]
    assert len(model.item_ids_) > 2 * LEADING
    assert few.items.tolist() == expected.tolist()
    np.testing.assert_array_equal(few.scores, dense[expected])


def test_only_touched_and_leading_items_are_worked_out() -> None:
    trained = np.linspace(1, 0.1, N_ITEMS, dtype=np.float32)
    asked: list[int] = []

    def score_at(items: np.ndarray[tuple[int], np.dtype[np.intp]]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        asked.append(len(items))
        return trained[items] + np.where(items == 4_000, np.float32(2), np.float32(0))

    moved = Moved(score_at, InOrder(trained, order_of(trained)), np.array([4_000]), N_ITEMS)

    assert moved.best(3).best(3).items.tolist() == [4_000, 0, 1]
    assert moved.greatest() == pytest.approx(2 + trained[4_000])
    assert max(asked) == 3


def test_touched_are_the_items_of_the_newest_events() -> None:
    live = LiveActivity([f"i{number}" for number in range(100)], most_events=300)

    live.add_all([("a", Event(f"i{number % 50}", number, "view")) for number in range(1_000)])
    live.add_all([("a", Event(f"i{50 + number % 50}", number, "view")) for number in range(290)])

    touched = set(live.touched().tolist())
    assert set(range(50, 100)) <= touched
    assert len(touched & set(range(50))) <= 50
    live.add_all([("a", Event("i99", number, "view")) for number in range(600)])
    assert set(live.touched().tolist()) == {99}


@pytest.mark.parametrize("factory", [Popularity, Trending])
def test_item_whose_events_have_faded_to_nothing_is_not_offered(factory: Callable[[], Recommender]) -> None:
    log = columns_of(make_log(np.random.default_rng(5), 400, 10_000))
    model = factory().fit(log.with_metadata(Metadata.build(["never-touched", *log.item_ids]), None))
    live = LiveActivity(model.item_ids_)
    live.add("u", Event("never-touched", 0, "view"))
    live.add("u", Event(log.item_ids[0], 10_011 * DAY_S, "view"))

    found = model.score_candidates(model.encode([], live=live), None, len(model.item_ids_))

    assert found.scores.min() > 0
    assert len(found.items) == log.n_items
