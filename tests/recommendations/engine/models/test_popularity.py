from __future__ import annotations

import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.popularity import Popularity

DAY_S = 86_400


def ranked(model: Popularity) -> list[str]:
    return model.recommend([[]], 10)[0][0]


def test_popularity_counts_users_or_events() -> None:
    log = Interactions.from_columns(["a", "a", "a", "b", "c"], ["x", "x", "x", "y", "y"], [0] * 5, ["view"] * 5)

    assert ranked(Popularity(None, unique_users=True).fit(log)) == ["y", "x"]
    assert ranked(Popularity(None, unique_users=False).fit(log)) == ["x", "y"]


def test_popularity_halves_with_each_half_life() -> None:
    log = Interactions.from_columns(["a", "b"], ["old", "new"], [0, 14 * DAY_S], ["view"] * 2)

    scores = Popularity(14.0).fit(log).score([])

    assert scores.tolist() == pytest.approx([1.0, 0.5], rel=1e-4)


def test_popularity_never_loses_an_old_item_altogether() -> None:
    log = Interactions.from_columns(["a", "b"], ["old", "new"], [0, 20_000 * DAY_S], ["view"] * 2)

    assert ranked(Popularity(1.0).fit(log)) == ["new", "old"]


def test_popularity_weighs_event_types() -> None:
    log = Interactions.from_columns(list("abc"), ["x", "x", "y"], [0] * 3, ["view", "view", "purchase"])

    assert ranked(Popularity(None, event_weights={"purchase": 5.0}).fit(log)) == ["y", "x"]


def test_popularity_refuses_a_half_life_of_nothing() -> None:
    log = Interactions.from_columns(["a"], ["x"], [0], ["view"])

    with pytest.raises(InvalidHyperparameter, match="half_life_days is 0"):
        Popularity(0).fit(log)


def test_popularity_counts_live_events_as_a_training_would() -> None:
    before = [("a", "x", 0), ("b", "x", DAY_S), ("c", "y", 2 * DAY_S)]
    after = [("d", "y", 5 * DAY_S), ("e", "y", 6 * DAY_S), ("f", "z", 6 * DAY_S), ("z", "z", 0)]

    model = Popularity(3.0).fit(log_of([*before, ("z", "z", 0)]))
    live = LiveActivity(model.item_ids_)
    live.add_all([(user, Event(item, at, "view")) for user, item, at in after[:-1]])

    scores = model.score_history(model.encode([], live=live))
    expected = Popularity(3.0).fit(log_of([*before, *after])).score([])
    assert (scores / scores.max()).tolist() == pytest.approx(expected.tolist(), rel=1e-4)


def test_popularity_counts_a_shopper_who_reloads_once() -> None:
    model = Popularity(None).fit(log_of([("a", "x", 0), ("b", "x", 0), ("c", "y", 0)]))
    live = LiveActivity(model.item_ids_)

    live.add_all([("d", Event("y", 1, "view"))] * 100)

    assert model.score_history(model.encode([], live=live)).tolist() == pytest.approx([1, 1], rel=1e-4)


def test_popularity_never_loses_an_old_item_to_live_events() -> None:
    model = Popularity(1.0).fit(log_of([("a", "old", 0), ("b", "new", 0)]))
    live = LiveActivity(model.item_ids_)

    live.add("c", Event("new", 20_000 * DAY_S, "view"))

    assert model.recommend([[]], 5, live=live)[0] == [["new", "old"]]


def log_of(rows: list[tuple[str, str, int]]) -> Interactions:
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))
