"""Reads the end of a history again without each of some items, all of these side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.batches import bucket_gaps, time_between
from recommendations.engine.neural.cells import Array, step_forward
from recommendations.engine.neural.hierarchy import open_session
from recommendations.engine.neural.network import Network


class Begun(NamedTuple):
    """Where the end begins: both layers' states, (n_hidden,), the newest event's vector, (width,), and its time.

    `newest_at` is None where no event came before.
    """

    state: Array
    person: Array
    event: Array
    newest_at: int | None


class Ending(NamedTuple):
    """The newest events of a history, oldest first; shape (n_events,) each.

    `timestamps` is None where only the order of events is known.
    """

    items: NDArray[np.intp]
    types: NDArray[np.intp]
    timestamps: NDArray[np.int64] | None


def look_again(network: Network, begun: Begun, ending: Ending, is_left: NDArray[np.bool_], session_gap_s: int) -> Array:
    """Return what is wanted after a history whose end has lost some events.

    Args:
        network: fitted weights.
        begun: what the network knows before the end.
        ending: the end's events.
        is_left: which of them each reading finds, shape (n_readings, n_events).
        session_gap_s: seconds without an event that end a session.

    Returns:
        Shape (n_readings, width).
    """
    layers = network.layers
    n_readings, n_events = is_left.shape
    gaps, opens = _between(begun, ending, is_left, session_gap_s)
    items, types = (np.broadcast_to(each[:, None], gaps.T.shape) for each in (ending.items, ending.types))
    events = network.embed(items, types, gaps.T)
    projected = (events.reshape(n_readings * n_events, -1) @ layers.session.inputs + layers.session.bias).reshape(
        n_events, n_readings, -1
    )
    states: Array = np.repeat(begun.state[None], n_readings, axis=0)
    persons: Array = np.repeat(begun.person[None], n_readings, axis=0)
    newest: Array = np.repeat(begun.event[None], n_readings, axis=0)
    for step in range(n_events):
        opening = np.flatnonzero(opens[:, step])
        if len(opening):
            closed = states[opening] @ layers.person.inputs + layers.person.bias
            persons[opening] = step_forward(layers.person, closed, persons[opening])[0]
            states[opening] = open_session(layers, persons[opening])
        found = is_left[:, step, None]
        states = np.where(found, step_forward(layers.session, projected[step], states)[0], states)
        newest = np.where(found, events[step], newest)
    return network.look_for(states, newest)


def _between(
    begun: Begun, ending: Ending, is_left: NDArray[np.bool_], session_gap_s: int
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the bucket of the time since the event before, and whether it opens a session, shape as `is_left`."""
    if ending.timestamps is None:
        return np.zeros(is_left.shape, np.int8), np.zeros(is_left.shape, np.bool_)
    # Place 0 is the event before the end; whoever has none there has none before the first that is left.
    times = np.concatenate(([begun.newest_at or 0], ending.timestamps))
    places = np.where(is_left, np.arange(1, len(times)), 0)
    before = np.maximum.accumulate(np.concatenate((np.zeros((len(is_left), 1), np.intp), places), axis=1), axis=1)
    pairs = np.stack((times[before[:, :-1]], np.broadcast_to(times[1:], is_left.shape)), axis=-1)
    apart = time_between(pairs)[..., 0]
    has_before = (before[:, :-1] > 0) | (begun.newest_at is not None)
    gaps = np.where(has_before, bucket_gaps(apart), 0).astype(np.int8)
    return gaps, is_left & has_before & (apart > session_gap_s)
