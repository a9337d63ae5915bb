from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.evaluation.splits import Split, by_time, hold_out_users, next_basket
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions

DAY_S = 86_400


def make_log(n_users: int = 40, n_events: int = 25) -> Interactions:
    """Every event has an item of its own, so that any leak shows."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:02}", f"u{user:02}-e{event:02}", int(time), "view")
        for user in range(n_users)
        for event, time in enumerate(np.sort(rng.integers(0, 100 * DAY_S, n_events)))
    ]
    users, items, times, types = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, types)


def assert_truth_is_not_in_training(split: Split) -> None:
    trained = set(split.train.item_ids)
    for case in split.cases:
        assert not case.truth & trained
        assert not case.truth & {event.item_id for event in case.history}


def test_hold_out_users_holds_a_tenth_of_the_users_out_whole() -> None:
    log = make_log()

    split = hold_out_users(log)

    assert len(split.cases) == 4
    assert not {case.user_id for case in split.cases} & set(split.train.user_ids)
    assert split.train.n_users == 36
    assert_truth_is_not_in_training(split)


def test_hold_out_users_asks_for_the_newest_tenth_rounded_up() -> None:
    log = make_log(n_events=25)

    split = hold_out_users(log)

    for case in split.cases:
        assert [event.item_id[4:] for event in case.history] == [f"e{number:02}" for number in range(22)]
        assert {item[4:] for item in case.truth} == {"e22", "e23", "e24"}


def test_hold_out_users_repeats_with_its_seed_and_changes_with_another() -> None:
    log = make_log()

    first, again, other = hold_out_users(log, seed=1), hold_out_users(log, seed=1), hold_out_users(log, seed=2)

    assert first.cases == again.cases
    assert first.cases != other.cases


def test_hold_out_users_leaves_users_with_one_event_in_training() -> None:
    log = Interactions.from_columns(["a", "a", "b", "b", "c"], list("vwxyz"), [1, 2, 3, 4, 5], ["view"] * 5)

    split = hold_out_users(log, test_share=0.9)

    assert len(split.cases) == 1
    assert "c" in split.train.user_ids


def test_hold_out_users_without_enough_users_says_so() -> None:
    log = Interactions.from_columns(["a", "b"], ["x", "y"], [1, 2], ["view"] * 2)

    with pytest.raises(NotEnoughData, match="2 or more interactions"):
        hold_out_users(log)


@pytest.mark.parametrize("split_by", [by_time, next_basket])
def test_splits_by_time_train_on_nothing_newer_than_any_truth(split_by: object) -> None:
    log = make_log()
    assert callable(split_by)

    split = split_by(log, test_days=10)

    cut_at = int(log.timestamps.max()) - 10 * DAY_S
    assert int(split.train.timestamps.max()) < cut_at
    assert_truth_is_not_in_training(split)
    for case in split.cases:
        assert all(event.timestamp < cut_at for event in case.history)


def test_next_basket_asks_for_the_first_basket_alone() -> None:
    times = [0, 50 * DAY_S, 95 * DAY_S, 95 * DAY_S + 600, 95 * DAY_S + 1_200, 99 * DAY_S, 100 * DAY_S]
    log = Interactions.from_columns(["a"] * 6 + ["b"], list("uvwxyzq"), times, ["view"] * 7)

    split = next_basket(log, test_days=10, session_gap_s=1_800)

    first, newcomer = split.cases
    assert (first.user_id, first.truth) == ("a", frozenset("wxy"))
    assert [event.item_id for event in first.history] == ["u", "v"]
    assert (newcomer.user_id, newcomer.history, newcomer.truth) == ("b", (), frozenset("q"))


def test_by_time_asks_for_everything_that_came_later() -> None:
    times = [0, 50 * DAY_S, 95 * DAY_S, 99 * DAY_S, 100 * DAY_S]
    log = Interactions.from_columns(["a"] * 5, list("vwxyz"), times, ["view"] * 5)

    split = by_time(log, test_days=10)

    assert [case.truth for case in split.cases] == [frozenset("xyz")]


def test_by_time_asks_at_most_so_many_users() -> None:
    split = by_time(make_log(), test_days=50, max_users=7)

    assert len({case.user_id for case in split.cases}) == len(split.cases) == 7


def test_splits_by_time_without_a_past_say_so() -> None:
    log = Interactions.from_columns(["a", "b"], ["x", "y"], [5, 5], ["view"] * 2)

    with pytest.raises(NotEnoughData, match="none are left to train on"):
        by_time(log, test_days=10)
    with pytest.raises(NotEnoughData, match="no interactions"):
        next_basket(Interactions.from_columns([], [], [], []))
