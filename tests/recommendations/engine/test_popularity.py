from __future__ import annotations

import pytest

from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.popularity import Popularity

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
