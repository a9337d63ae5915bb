from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.choosing.validation import FIRST_MOMENT, KINDS, Kind, draw_questions
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions

DAY_S = 86_400


def make_log(n_users: int = 60, n_events: int = 40, start_s: int = 0) -> Interactions:
    """Users begin one a day; every event has an item of its own, but for the last, which is the first again."""
    rows = [
        (f"u{user:02}", f"u{user:02}-e{event % (n_events - 1):02}", start_s + user * DAY_S + event)
        for user in range(n_users)
        for event in range(n_events)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


@pytest.mark.parametrize("kind", KINDS)
def test_draw_questions_shows_no_answer_to_those_who_train(kind: Kind) -> None:
    log = make_log()

    asked = draw_questions(log, kind, repeats=True, max_users=1_000, seed=0)

    users = {case.user_id for case in asked.cases}
    assert len(users) == 12
    assert users.isdisjoint(log.user_ids[user] for user in np.unique(log.users[asked.is_train]).tolist())
    assert asked.is_train.sum() == 48 * 40
    shown = {log.item_ids[item] for item in log.items[~asked.is_asked].tolist()}
    for case in asked.cases:
        assert all(item in {event.item_id for event in case.history} for item in case.truth & shown)


def test_draw_questions_asks_for_the_very_next_event() -> None:
    log = make_log()

    asked = draw_questions(log, "next_event", repeats=True, max_users=5, seed=0)

    assert len(asked.cases) == 15
    for case in asked.cases:
        whole = log.history(case.user_id)
        assert 36 <= len(case.history) < 40
        assert case.truth == {whole[len(case.history)].item_id}
        assert list(case.history) == whole[: len(case.history)]


def test_draw_questions_leaves_repeats_out_where_they_do_not_count() -> None:
    log = make_log(n_events=3)

    with_repeats = draw_questions(log, "next_event", repeats=True, max_users=9, seed=0)
    without = draw_questions(log, "next_event", repeats=False, max_users=9, seed=0)

    assert (len(with_repeats.cases), len(without.cases)) == (18, 9)
    assert all(case.truth.isdisjoint(event.item_id for event in case.history) for case in without.cases)


def test_draw_questions_asks_those_seen_last_where_time_is_told() -> None:
    numbered = draw_questions(make_log(), "next_event", repeats=True, max_users=9, seed=0)
    timed = draw_questions(make_log(start_s=FIRST_MOMENT), "next_event", repeats=True, max_users=9, seed=0)

    assert min(case.user_id for case in timed.cases) >= "u30"
    assert min(case.user_id for case in numbered.cases) < "u30"


def test_draw_questions_repeats_with_its_seed_and_changes_with_another() -> None:
    log = make_log()

    first, again, other = (draw_questions(log, "next_event", repeats=True, max_users=5, seed=s) for s in (1, 1, 2))

    assert first.cases == again.cases
    assert first.cases != other.cases


@pytest.mark.parametrize("kind", KINDS)
def test_draw_questions_without_enough_users_says_so(kind: Kind) -> None:
    log = Interactions.from_columns(["a", "a", "b"], list("xyz"), [1, 2, 3], ["view"] * 3)

    with pytest.raises(NotEnoughData, match="Only 1 users have 2 or more"):
        draw_questions(log, kind, repeats=True, max_users=9, seed=0)
