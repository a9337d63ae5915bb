from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.vsknn import SessionNeighbours, number_sessions

HOUR_S = 3_600


def after(*items: str) -> list[Event]:
    return [Event(item, number, "view") for number, item in enumerate(items)]


def test_number_sessions_splits_at_the_gap_and_numbers_by_recency() -> None:
    log = Interactions.from_columns(["a", "a", "a", "b"], list("wxyz"), [0, 1_800, 2 * HOUR_S, HOUR_S], ["view"] * 4)

    assert number_sessions(log, 1_800).tolist() == [0, 0, 2, 1]


def test_vsknn_recommends_what_alike_sessions_held() -> None:
    log = Interactions.from_columns(["a", "a", "b", "b"], ["tea", "pot", "ball", "bat"], [0, 60, 0, 60], ["view"] * 4)
    model = SessionNeighbours().fit(log)

    ids, _ = model.recommend([after("tea"), after("bat")], 5)

    assert [set(items) for items in ids] == [{"tea", "pot"}, {"ball", "bat"}]


def test_vsknn_prefers_the_rarer_item() -> None:
    log = Interactions.from_columns(
        ["a", "a", "a", "b", "c", "d"], ["tea", "pot", "bag", "bag", "bag", "bag"], [0, 1, 2, 0, 0, 0], ["view"] * 6
    )

    ids, _ = SessionNeighbours().fit(log).recommend([after("tea")], 5)

    assert ids[0].index("pot") < ids[0].index("bag")


def test_vsknn_listens_to_the_newest_sessions_alone() -> None:
    users = [f"u{number}" for number in range(20) for _ in range(2)]
    items = [item for number in range(20) for item in ("tea", "old" if number < 10 else "new")]
    times = [number * HOUR_S + each for number in range(20) for each in range(2)]
    log = Interactions.from_columns(users, items, times, ["view"] * 40)

    ids, _ = SessionNeighbours(k=5, sample=10).fit(log).recommend([after("tea")], 5)

    assert set(ids[0]) == {"tea", "new"}


def test_vsknn_bounds_long_sessions_to_their_rarest_items() -> None:
    log = Interactions.from_columns(
        ["a"] * 4 + ["b", "c"], ["p", "q", "r", "s", "s", "s"], [0, 1, 2, 3, 0, 0], ["view"] * 6
    )

    model = SessionNeighbours(max_session_items=3).fit(log)

    assert np.diff(model.session_starts_).max() == 3
    assert "s" not in model.recommend([after("p")], 5)[0][0]


def test_vsknn_finds_nobody_by_an_item_that_is_known_but_in_no_session() -> None:
    log = Interactions.from_columns(["u", "v", "v"], list("abc"), [1, 2, 3], ["view"] * 3)

    model = SessionNeighbours().fit(log.mask(np.array([False, True, True])))

    assert model.item_ids_ == ("a", "b", "c")
    assert model.recommend([[Event("a", 0, "view")]], 5)[0] == [[]]


def make_random_log(n_users: int) -> list[tuple[str, Event]]:
    rng = np.random.default_rng(3)
    return [
        (f"u{user:03}", Event(f"i{item:02}", user * HOUR_S + place, "view"))
        for user in range(n_users)
        for place, item in enumerate(rng.choice(40, rng.integers(2, 9), replace=False).tolist())
    ]


def columns_of(rows: list[tuple[str, Event]]) -> Interactions:
    users, events = zip(*rows, strict=True)
    items, times, types = zip(*events, strict=True)
    return Interactions.from_columns(users, items, times, types)


@pytest.mark.parametrize("model", [SessionNeighbours(), SessionNeighbours(k=20, sample=40), SessionNeighbours(1, 1)])
def test_vsknn_takes_a_live_visit_as_it_would_a_trained_one(model: SessionNeighbours) -> None:
    rows = make_random_log(200)
    fitted = model.clone().fit(columns_of([row for row in rows if row[0] < "u150"]))
    whole = model.clone().fit(columns_of(rows))
    whole.idf_ = fitted.idf_
    live = LiveActivity(fitted.item_ids_)

    live.add_all(row for row in rows if row[0] >= "u150")

    history = [event for _, event in rows[:5]]
    with_live = fitted.score_history(fitted.encode(history, live=live))
    assert fitted.item_ids_ == whole.item_ids_
    np.testing.assert_allclose(with_live, whole.score(history), rtol=1e-5)
    assert not np.allclose(with_live, fitted.score(history))


def test_vsknn_is_moved_by_other_shoppers_and_not_by_its_own_visit() -> None:
    log = Interactions.from_columns(["a", "a", "b", "b"], ["tea", "pot", "ball", "bat"], [0, 60, 0, 60], ["view"] * 4)
    model = SessionNeighbours().fit(log)
    live = LiveActivity(model.item_ids_)

    live.add_all([("me", Event("tea", 9, "view")), ("me", Event("ball", 9, "view"))])

    assert set(model.recommend([after("tea")], 5, live=live.seen_by("me"))[0][0]) == {"tea", "pot"}
    assert set(model.recommend([after("tea")], 5, live=live.seen_by("another"))[0][0]) == {"tea", "pot", "ball"}
