from __future__ import annotations

import pytest

from recommendations.engine.answers.histories import EVENTS_PER_TYPE, UserHistories
from recommendations.engine.interactions import Event, Interactions

LOG = Interactions.from_columns(
    [*["al"] * 4, "bea", *["cy"] * 2],
    list("wxyzwyx"),
    [1, 2, 3, 4, 9, 5, 6],
    ["view", "view", "hide", "purchase", "view", "view", "view"],
)


@pytest.mark.parametrize("events_per_user", [1, 2, 3, 50])
def test_histories_keep_each_users_newest_events(events_per_user: int) -> None:
    histories = UserHistories.from_interactions(LOG, events_per_user)

    assert len(histories) == 3
    for user_id in LOG.user_ids:
        assert histories.of(user_id) == LOG.history(user_id)[-events_per_user:]


def test_histories_keep_every_event_type() -> None:
    assert UserHistories.from_interactions(LOG, 2).of("al") == [Event("y", 3, "hide"), Event("z", 4, "purchase")]


@pytest.mark.parametrize("stranger", ["", "a", "alan", "bea\x00", "zoe", "żółw"])
def test_histories_of_a_stranger_are_empty(stranger: str) -> None:
    assert UserHistories.from_interactions(LOG).of(stranger) == []


def test_histories_of_no_interactions_are_empty() -> None:
    empty = UserHistories.from_interactions(Interactions.from_columns([], [], [], []))

    assert len(empty) == 0
    assert empty.of("al") == []


def test_histories_keep_what_is_older_for_filters_alone() -> None:
    histories = UserHistories.from_interactions(LOG, 2)

    assert histories.of("al") == LOG.history("al")[-2:]
    assert histories.older("al") == ["w", "x"]
    assert histories.older("al", {"view"}) == ["w", "x"]
    assert histories.older("al", {"purchase"}) == []
    assert histories.older("bea") == histories.older("cy") == histories.older("stranger") == []


def test_histories_keep_the_newest_hundred_of_each_type_among_all() -> None:
    n_views = EVENTS_PER_TYPE + 70
    types = ["Purchase", *["view"] * n_views, "purchase"]
    items = [f"i{number:03}" for number in range(len(types))]
    log = Interactions.from_columns(
        [*["heavy"] * len(types), *["light"] * 3], [*items, *items[:3]], range(len(types) + 3), [*types, *["view"] * 3]
    )

    histories = UserHistories.from_interactions(log, 50)

    newest_views = items[1 + n_views - EVENTS_PER_TYPE : -1]
    assert [event.item_id for event in histories.of("heavy")] == items[-50:]
    assert histories.older("heavy") == [items[0], *newest_views[:-49]]
    assert histories.older("heavy", {"purchase"}) == [items[0]]
    assert histories.older("light") == []
