from __future__ import annotations

import pytest

from recommendations.engine.histories import UserHistories
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
