from __future__ import annotations

import threading

import numpy as np
import pytest

from recommendations.engine.interactions import Event
from recommendations.engine.live.activity import MOST_SESSION_ITEMS, LiveActivity

ITEMS = ("bag", "bat", "pot", "tea")
MINUTE_S = 60
HOUR_S = 3_600


def view(item: str, at: int = 0) -> Event:
    return Event(item, at, "view")


def index_of(*items: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array([ITEMS.index(item) for item in items], np.intp)


def held_beside(live: LiveActivity, item: str) -> list[set[str]]:
    """The items of each visit that holds the item, oldest visit first."""
    sessions, _, lengths, found = live.sharing(index_of(item), np.ones(1), newest=100)
    items, rows = found.items(sessions)
    held = [{ITEMS[each] for each in items[rows == row].tolist()} for row in range(len(sessions))]
    assert [len(each) for each in held] == lengths.tolist()
    return held


@pytest.mark.parametrize("n_others", [0, 5_000])
def test_sharing_finds_the_visits_that_hold_an_item(n_others: int) -> None:
    live = LiveActivity(ITEMS)
    live.add_all(
        [("a", view("tea")), ("a", view("pot")), ("b", view("bat")), ("c", view("tea", 5)), ("c", view("bag"))]
    )
    live.add_all([(f"other{number}", view("bat")) for number in range(n_others)])

    live.add("a", view("bag", 10))

    assert held_beside(live, "tea") == [{"tea", "pot", "bag"}, {"tea", "bag"}]


def test_sharing_sums_the_weights_of_shared_items() -> None:
    live = LiveActivity(ITEMS)
    live.add_all([("a", view("tea")), ("a", view("pot")), ("b", view("pot")), ("b", view("bat"))])

    _, alike, lengths, _ = live.sharing(index_of("pot", "tea"), np.array([1.0, 0.5]), newest=100)

    assert alike.tolist() == [1.5, 1.0]
    assert lengths.tolist() == [2, 2]


def test_a_shopper_is_no_neighbour_of_its_own() -> None:
    live = LiveActivity(ITEMS)
    live.add_all([("a", view("tea")), ("a", view("pot")), ("b", view("tea")), ("b", view("bat"))])

    seen = live.seen_by("a")

    assert held_beside(seen, "tea") == [{"tea", "bat"}]
    assert len(held_beside(live, "tea")) == 2


def test_a_view_sees_what_is_added_later() -> None:
    live = LiveActivity(ITEMS)
    seen = live.seen_by("a")

    live.add("b", view("tea"))

    assert held_beside(seen, "tea") == [{"tea"}]
    assert seen.counts(HOUR_S)[ITEMS.index("tea")] == 1


def test_a_pause_ends_a_visit() -> None:
    live = LiveActivity(ITEMS, session_gap_s=30 * MINUTE_S)

    live.add_all([("a", view("tea", 0)), ("a", view("pot", 30 * MINUTE_S)), ("a", view("bat", 60 * MINUTE_S + 1))])

    assert held_beside(live, "tea") == [{"tea", "pot"}]
    assert held_beside(live, "bat") == [{"bat"}]


def test_an_item_counts_once_a_visit_by_its_weightiest_event() -> None:
    live = LiveActivity(ITEMS, {"view": 1.0, "purchase": 5.0})

    live.add_all([("a", view("tea")), ("a", view("tea")), ("a", Event("tea", 0, "purchase")), ("a", view("tea"))])

    assert live.counts(HOUR_S, once_a_visit=True)[ITEMS.index("tea")] == 5
    assert live.counts(HOUR_S)[ITEMS.index("tea")] == 8
    assert len(live) == 1


def test_what_the_model_ignores_changes_nothing() -> None:
    live = LiveActivity(ITEMS, {"hide": 0.0})

    live.add_all([("a", Event("tea", 0, "hide")), ("a", view("unheard of"))])

    assert len(live) == live.n_counted == 0
    assert not live.counts(HOUR_S).any()


def test_counts_fall_to_half_in_a_half_life() -> None:
    live = LiveActivity(ITEMS)
    live.add_all([("a", view("tea", 0)), ("b", view("pot", HOUR_S))])

    counts = live.counts(HOUR_S)

    assert counts.tolist() == [0, 0, 1, 0.5]
    assert live.counts(HOUR_S, at=2 * HOUR_S).tolist() == [0, 0, 0.5, 0.25]
    assert live.counts(float("inf")).tolist() == [0, 0, 1, 1]


def test_counts_go_on_from_where_they_were_first_asked() -> None:
    asked, fresh = LiveActivity(ITEMS), LiveActivity(ITEMS)
    events = [(f"u{number}", view(ITEMS[number % 4], 600 * number)) for number in range(2_000)]

    for number, event in enumerate(events):
        asked.add(*event)
        if number == 3:
            asked.counts(HOUR_S)
        fresh.add(*event)

    np.testing.assert_allclose(asked.counts(HOUR_S), fresh.counts(HOUR_S), rtol=1e-9)
    assert fresh.counts(HOUR_S).max() > 1


def test_memory_is_bounded_and_the_oldest_visits_go_first() -> None:
    live = LiveActivity(ITEMS, most_pairs=100, most_events=50, most_shoppers=10)

    live.add_all([(f"u{number}", view("tea" if number < 2_000 else "pot")) for number in range(4_000)])

    assert len(live) <= 100 + 1_024
    sessions, *_ = live.sharing(index_of("tea", "pot"), np.ones(2), newest=10_000)
    assert sessions.min() >= 4_000 - 100 - 1_024
    assert sessions.max() == 3_999


def test_an_endless_visit_goes_on_as_another() -> None:
    items = tuple(f"i{number:04}" for number in range(500))
    live = LiveActivity(items)

    live.add_all([("robot", view(item)) for item in items])

    _, _, lengths, _ = live.sharing(np.arange(500), np.ones(500), newest=10)
    assert lengths.tolist() == [MOST_SESSION_ITEMS] * 10


def test_forget_drops_a_shoppers_visits_and_no_others() -> None:
    live = LiveActivity(ITEMS)
    live.add_all([("a", view("tea")), ("a", view("pot")), ("b", view("tea")), ("b", view("bat"))])

    live.forget("a")
    live.add("a", view("tea", 1))

    assert held_beside(live, "tea") == [{"tea", "bat"}, {"tea"}]


@pytest.mark.parametrize("is_asked_before", [True, False])
def test_forget_takes_back_what_a_shopper_added_to_counts(is_asked_before: bool) -> None:
    live, other = LiveActivity(ITEMS), LiveActivity(ITEMS)
    theirs = [("b", view("tea", 100)), ("c", view("pot", 5_000))]
    live.add_all([*theirs, ("a", view("tea", 0)), ("a", view("bag", 4_000))])
    other.add_all(theirs)
    if is_asked_before:
        live.counts(HOUR_S)

    live.join("a", "heir")
    live.forget("heir")

    np.testing.assert_allclose(live.counts(HOUR_S), other.counts(HOUR_S), atol=1e-12)
    assert live.counts(HOUR_S, once_a_visit=True)[ITEMS.index("bag")] == 0


def test_join_makes_a_visit_another_shoppers_own() -> None:
    live = LiveActivity(ITEMS)
    live.add_all([("device", view("tea")), ("device", view("pot")), ("b", view("tea"))])

    live.join("device", "account")
    live.add("account", view("bag", 1))

    assert held_beside(live, "tea") == [{"tea", "pot", "bag"}, {"tea"}]
    assert held_beside(live.seen_by("account"), "tea") == [{"tea"}]


@pytest.mark.parametrize("time", [float("nan"), float("inf"), "soon", None, 2**80, -(2**80)])
def test_a_time_that_is_no_number_costs_nothing(time: object) -> None:
    live = LiveActivity(ITEMS)
    live.add("a", view("tea", 1_000))
    live.counts(HOUR_S)

    live.add("b", Event("pot", time, "view"))  # type: ignore[arg-type]
    live.add("b", view("pot", 1_001))

    assert np.isfinite(live.counts(HOUR_S)).all()
    assert len(held_beside(live, "pot")) >= 1


def test_readers_see_whole_visits_while_another_thread_writes() -> None:
    live = LiveActivity(ITEMS, most_pairs=2_000)
    failures: list[Exception] = []
    is_over = threading.Event()

    def read() -> None:
        try:
            while not is_over.is_set():
                held_beside(live, "tea")
                live.counts(HOUR_S)
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(5_000):
        live.add(f"u{number}", view("tea", number))
    is_over.set()
    reader.join()

    assert failures == []
