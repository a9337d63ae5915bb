from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.neural import shoppers
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.hierarchy import Flags, Layers, advance
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.shoppers import ShopperStates, Steps, find_anchor

N_ITEMS = 30


def make_network() -> Network:
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(2, N_ITEMS, 8)).astype(np.float32)
    return Network.begin(*vectors, n_types=3, n_hidden=32, chance=chance)


def make_steps(length: int, seed: int = 1) -> Steps:
    chance = np.random.default_rng(seed)
    opens = chance.random(length) < 0.2
    opens[:1] = False
    return Steps(
        chance.integers(0, N_ITEMS, length),
        chance.integers(0, 3, length),
        chance.integers(0, 9, length).astype(np.int8),
        opens,
    )


def first(steps: Steps, n_events: int) -> Steps:
    return Steps(steps.items[:n_events], steps.types[:n_events], steps.gaps[:n_events], steps.opens[:n_events])


@pytest.fixture
def advanced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each request had to be carried over."""
    lengths: list[int] = []

    def counting(layers: Layers, events: Array, opens: Flags, state: Array, person: Array) -> tuple[Array, Array]:
        lengths.append(len(events))
        return advance(layers, events, opens, state, person)

    monkeypatch.setattr(shoppers, "advance", counting)
    return lengths


def test_the_next_event_of_a_known_history_costs_one_step_and_the_same_history_none(advanced: list[int]) -> None:
    states, steps = ShopperStates(make_network()), make_steps(40)

    for stop in (30, 31, 33, 33, 40):
        states.after(first(steps, stop))

    assert advanced == [30, 1, 2, 7]


def test_a_kept_state_answers_exactly_as_the_whole_history_does() -> None:
    states, steps = ShopperStates(make_network()), make_steps(60)

    for stop in range(1, 61):
        state, event = states.after(first(steps, stop))
        expected_state, expected_event = ShopperStates(make_network()).after(first(steps, stop))

        assert state.tobytes() == expected_state.tobytes()
        assert event.tobytes() == expected_event.tobytes()


def test_histories_that_differ_in_any_way_share_nothing(advanced: list[int]) -> None:
    states, steps = ShopperStates(make_network()), make_steps(20)
    others = [
        steps._replace(items=(steps.items + 1) % N_ITEMS),
        steps._replace(types=(steps.types + 1) % 3),
        steps._replace(gaps=((steps.gaps + 1) % 9).astype(np.int8)),
        steps._replace(opens=~steps.opens),
    ]

    for each in (steps, *others):
        states.after(each)

    assert advanced == [20] * 5


def test_no_more_states_are_kept_than_allowed_and_the_oldest_go_first(advanced: list[int]) -> None:
    states = ShopperStates(make_network(), most=3)
    histories = [make_steps(10, seed) for seed in range(4)]

    for history in (*histories[:3], histories[0], histories[3]):
        states.after(history)
    states.after(histories[0])
    states.after(histories[1])

    assert len(states) == 3
    assert advanced == [10, 10, 10, 10, 10]


def test_a_full_window_that_moves_on_mostly_begins_at_the_same_event() -> None:
    chance = np.random.default_rng(4)
    items, times = chance.integers(0, 10**6, 600), np.arange(600) * 100

    anchors = [at + find_anchor(items[at : at + 200], times[at : at + 200], 50) for at in range(400)]

    assert anchors == sorted(anchors)
    assert len(set(anchors)) < 40
    assert all(at <= anchor < at + 50 for at, anchor in enumerate(anchors))


def test_states_of_persons_that_begin_differently_are_never_mistaken_for_each_other() -> None:
    states, steps = ShopperStates(make_network()), make_steps(12)
    begun = np.random.default_rng(5).normal(size=(2, 32)).astype(np.float32)

    kept = [states.after(steps, each)[0] for each in (None, *begun)]
    again = [states.after(steps, each)[0] for each in (None, *begun)]
    afresh = [ShopperStates(make_network()).after(steps, each)[0] for each in (None, *begun)]

    np.testing.assert_array_equal(kept, again)
    np.testing.assert_array_equal(kept, afresh)
    assert len(states) == 3
    assert not np.array_equal(kept[1], kept[2])


def test_before_the_first_event_a_person_has_the_state_that_opens_a_session() -> None:
    network = make_network()
    begun = np.random.default_rng(6).normal(size=32).astype(np.float32)

    state, event = ShopperStates(network).after(make_steps(0), begun)

    np.testing.assert_array_equal(state, np.tanh(begun @ network.layers.opening + network.layers.opening_bias))
    assert not event.any()
