from __future__ import annotations

import pytest

from recommendations.engine.evaluation import next_event
from recommendations.engine.evaluation.next_event import by_part, leave_one_out, temporal
from recommendations.engine.evaluation.splits import Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions

DAY_S = 86_400


def make_log(rows: dict[str, str], times: dict[str, list[int]] | None = None) -> Interactions:
    """Each user's items, one letter each, at the given days or one a day."""
    found = [
        (user, item, (times or {}).get(user, list(range(len(items))))[number] * DAY_S)
        for user, items in rows.items()
        for number, item in enumerate(items)
    ]
    users, items_, at = zip(*found, strict=True)
    return Interactions.from_columns(users, items_, at, ["view"] * len(found))


def asked(split: Split) -> list[tuple[str, str, str]]:
    """User, history and answer of each case."""
    return [
        (case.user_id, "".join(event.item_id for event in case.history), "".join(case.truth)) for case in split.cases
    ]


def test_leave_one_out_asks_for_the_last_and_trains_without_the_last_two() -> None:
    split = leave_one_out(make_log({"1": "abcd", "2": "ab", "3": "cab"}))

    assert asked(split) == [("1", "abc", "d"), ("3", "ca", "b")]
    assert [event.item_id for event in split.train.history("1")] == ["a", "b"]
    assert [event.item_id for event in split.train.history("2")] == ["a", "b"]
    assert [event.item_id for event in split.train.history("3")] == ["c"]
    assert split.item_ids == ("a", "b", "c")


def test_temporal_asks_for_each_later_event_from_all_before_it() -> None:
    log = make_log({"1": "abcc", "2": "xy", "3": "b"}, {"1": [0, 5, 9, 10], "2": [9, 10], "3": [3]})

    split = temporal(log, test_days=5)

    # Day 5 is the first of the test time; the second c stands on the very item before it and is not asked for.
    assert asked(split) == [("1", "a", "b"), ("1", "ab", "c"), ("2", "", "x"), ("2", "x", "y")]
    assert split.train.item_ids == ("a", "b")


def test_temporal_asks_so_often_and_remembers_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_event, "MOST_CASES_A_USER", 2)
    monkeypatch.setattr(next_event, "MOST_HISTORY", 3)

    split = temporal(make_log({"1": "abcdefgh"}), test_days=3)

    assert asked(split) == [("1", "bcd", "e"), ("1", "cde", "f")]


def test_by_part_asks_for_all_but_the_first_event_of_the_other_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_event, "MOST_SESSION", 2)

    split = by_part(make_log({"1": "abc"}), make_log({"10": "x", "2": "abab", "9": "ca"}))

    assert asked(split) == [("2", "a", "b"), ("2", "ab", "a"), ("2", "ba", "b"), ("9", "c", "a")]
    assert len(split.train) == 3


def test_splits_of_next_events_draw_the_same_cases_from_many(monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_log({str(user): "abcd" for user in range(50)})
    monkeypatch.setattr(next_event, "MOST_CASES", 7)

    split = leave_one_out(log)

    # numpy's default_rng(7).choice(50, 7, replace=False), sorted: users in the order of their numbers.
    assert [int(user) for user, _, _ in asked(split)] == sorted(int(user) for user, _, _ in asked(split))
    assert asked(split) == asked(leave_one_out(log))
    assert len(split.cases) == 7


def test_splits_of_next_events_say_what_is_missing() -> None:
    one = make_log({"1": "a"})

    with pytest.raises(NotEnoughData, match="leave one out has no event to foretell"):
        leave_one_out(one)
    with pytest.raises(NotEnoughData, match="none are left to train on"):
        temporal(one, test_days=1)
    with pytest.raises(NotEnoughData, match="no interactions to split"):
        temporal(Interactions.from_columns([], [], [], []))
    with pytest.raises(NotEnoughData, match="The part train has no rows"):
        by_part(Interactions.from_columns([], [], [], []), one)
    with pytest.raises(NotEnoughData, match="by part has no event to foretell"):
        by_part(one, one)
