"""Hand-written gradients against finite differences, with sessions that end in the middle of a batch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.neural.cells import Array, Cell, new_cell
from recommendations.engine.neural.hierarchy import Layers, advance, run_back, run_forward

N_STEPS, N_ROWS, N_INPUTS, N_HIDDEN = 6, 3, 4, 5
Exact = NDArray[Any]


def make_layers(seed: int = 3) -> Layers:
    chance = np.random.default_rng(seed)
    cells = [
        Cell(*(weights + chance.normal(0, 0.1, weights.shape) for weights in new_cell(width, N_HIDDEN, chance)))
        for width in (N_INPUTS, N_HIDDEN)
    ]
    opening = chance.normal(0, 0.5, (N_HIDDEN, N_HIDDEN))
    return Layers(cells[0], cells[1], opening, chance.normal(0, 0.1, N_HIDDEN))


def make_opens() -> NDArray[np.bool_]:
    opens = np.zeros((N_STEPS, N_ROWS), np.bool_)
    opens[2, 0] = opens[4, 0] = opens[4, 1] = opens[5, 1] = True
    return opens


def flat(layers: Layers) -> Iterator[tuple[str, Exact]]:
    for name, cell in (("session", layers.session), ("person", layers.person)):
        yield from ((f"{name}.{part}", weights) for part, weights in zip(Cell._fields, cell, strict=True))
    yield "opening", layers.opening
    yield "opening_bias", layers.opening_bias


@pytest.mark.parametrize("name", [name for name, _ in flat(make_layers())])
def test_gradient_of_each_weight_is_that_of_finite_differences(name: str) -> None:
    layers, opens = make_layers(), make_opens()
    chance = np.random.default_rng(7)
    events = chance.normal(size=(N_STEPS, N_ROWS, N_INPUTS))
    pull = chance.normal(size=(N_STEPS, N_ROWS, N_HIDDEN))

    found = dict(flat(run_back(layers, run_forward(layers, events, opens), events, pull).layers))[name]

    weights = dict(flat(layers))[name]
    expected = np.empty_like(weights)
    for place in np.ndindex(weights.shape):
        kept = weights[place]
        sums = []
        for nudge in (1e-5, -1e-5):
            weights[place] = kept + nudge
            sums.append(float((run_forward(layers, events, opens).after * pull).sum()))
        weights[place] = kept
        expected[place] = (sums[0] - sums[1]) / 2e-5
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_gradient_of_the_events_is_that_of_finite_differences() -> None:
    layers, opens = make_layers(), make_opens()
    chance = np.random.default_rng(8)
    events = chance.normal(size=(N_STEPS, N_ROWS, N_INPUTS))
    pull = chance.normal(size=(N_STEPS, N_ROWS, N_HIDDEN))

    found = run_back(layers, run_forward(layers, events, opens), events, pull).events

    for place in [(0, 0, 0), (1, 0, 3), (3, 1, 2), (5, 2, 1)]:
        nudged = []
        for nudge in (1e-5, -1e-5):
            moved = events.copy()
            moved[place] += nudge
            nudged.append(float((run_forward(layers, moved, opens).after * pull).sum()))
        assert found[place] == pytest.approx((nudged[0] - nudged[1]) / 2e-5, rel=1e-5, abs=1e-8)


def test_advancing_event_by_event_comes_to_what_the_whole_run_comes_to() -> None:
    layers, opens = make_layers(), make_opens()
    events = np.random.default_rng(9).normal(size=(N_STEPS, N_ROWS, N_INPUTS))
    whole = run_forward(layers, events, opens).after

    for row in range(N_ROWS):
        state: Array = np.zeros(N_HIDDEN)
        person: Array = np.zeros(N_HIDDEN)
        for step in range(N_STEPS):
            state, person = advance(layers, events[step : step + 1, row], opens[step : step + 1, row], state, person)
            np.testing.assert_allclose(state, whole[step, row], rtol=1e-12)


def test_new_session_is_opened_by_the_person_and_not_by_the_last_event_alone() -> None:
    layers, opens = make_layers(), make_opens()
    events = np.random.default_rng(10).normal(size=(N_STEPS, 1, N_INPUTS))
    crossing = run_forward(layers, events, opens[:, :1]).after
    unbroken = run_forward(layers, events, np.zeros_like(opens[:, :1])).after

    np.testing.assert_array_equal(crossing[:2], unbroken[:2])
    assert np.abs(crossing[2] - unbroken[2]).max() > 0.01


def test_gradients_of_how_persons_begin_are_those_of_finite_differences() -> None:
    layers, opens = make_layers(), make_opens()
    chance = np.random.default_rng(11)
    events = chance.normal(size=(N_STEPS, N_ROWS, N_INPUTS))
    persons = chance.normal(size=(N_ROWS, N_HIDDEN))
    pull, first_pull = chance.normal(size=(N_STEPS, N_ROWS, N_HIDDEN)), chance.normal(size=(N_ROWS, N_HIDDEN))

    def pulled() -> float:
        trace = run_forward(layers, events, opens, persons)
        return float((trace.after * pull).sum() + (trace.before[0] * first_pull).sum())

    found = run_back(layers, run_forward(layers, events, opens, persons), events, pull, first_pull)

    for array, gradient in ((persons, found.person), (layers.opening, found.layers.opening)):
        for place in np.ndindex(array.shape):
            kept, sums = array[place], []
            for nudge in (1e-5, -1e-5):
                array[place] = kept + nudge
                sums.append(pulled())
            array[place] = kept
            assert gradient[place] == pytest.approx((sums[0] - sums[1]) / 2e-5, rel=1e-4, abs=1e-8)


def test_a_person_opens_the_first_session_as_every_later_one() -> None:
    layers = make_layers()
    events = np.random.default_rng(12).normal(size=(N_STEPS, N_ROWS, N_INPUTS))
    persons = np.random.default_rng(13).normal(size=(N_ROWS, N_HIDDEN))

    trace = run_forward(layers, events, make_opens(), persons)

    np.testing.assert_array_equal(trace.before[0], np.tanh(persons @ layers.opening + layers.opening_bias))
    for row in range(N_ROWS):
        state, _ = advance(layers, events[:, row], make_opens()[:, row], trace.before[0, row], persons[row])
        np.testing.assert_allclose(state, trace.after[-1, row], rtol=1e-12)
