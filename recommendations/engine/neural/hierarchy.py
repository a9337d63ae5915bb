"""Two recurrent layers: one over a session's events, one that carries the person from session to session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.cells import Array, Cell, Gates, squash, step_back, step_forward

Flags = NDArray[np.bool_]
Columns = NDArray[np.intp]


class Layers(NamedTuple):
    """The weights of both layers, and how a person's state opens a session.

    Attributes:
        session: over events; n_inputs is the width of an event.
        person: over sessions; its input is the session layer's last state.
        opening: the person's state times this, plus `opening_bias`, through tanh, is a session's first state;
            shape (n_hidden, n_hidden).
        opening_bias: shape (n_hidden,).

    Source:
        Quadrana et al., "Personalizing session-based recommendations with hierarchical recurrent neural networks"
        (2017), HRNN Init.
    """

    session: Cell
    person: Cell
    opening: Array
    opening_bias: Array


class Crossing(NamedTuple):
    """What a step back needs where some rows of a batch cross into a new session."""

    columns: Columns
    gates: Gates
    person_before: Array
    person_after: Array
    session_before: Array
    opened: Array


@dataclass(slots=True)
class Trace:
    """What `run_back` needs of `run_forward`.

    Attributes:
        before: the session state that each step began with, shape (n_steps, n_rows, n_hidden).
        after: the state that it ended with, same shape; what predictions are made from.
        gates: reset and update of each step, shape (n_steps, n_rows, 2 * n_hidden).
        candidate, resettable: of each step, shape (n_steps, n_rows, n_hidden).
        crossings: by step, where there is any.
        person: the persons' states that all began with, shape (n_rows, n_hidden); None where they were zeros.
    """

    before: Array
    after: Array
    gates: Array
    candidate: Array
    resettable: Array
    crossings: dict[int, Crossing]
    person: Array | None


class Gradients(NamedTuple):
    """Gradients of everything that went in.

    Attributes:
        layers: of the weights.
        events: shape (n_steps, n_rows, n_inputs).
        person: of the states that the persons began with, shape (n_rows, n_hidden).
    """

    layers: Layers
    events: Array
    person: Array


def run_forward(layers: Layers, events: Array, opens: Flags, persons: Array | None = None) -> Trace:
    """Run both layers over a batch of sequences.

    Args:
        layers: the weights.
        events: one vector an event, shape (n_steps, n_rows, n_inputs).
        opens: where an event is the first of a later session, shape (n_steps, n_rows); nothing at step 0.
        persons: the persons' first states, shape (n_rows, n_hidden), which open the first session as they open every
            later one; by default both states begin as zeros.
    """
    n_steps, n_rows, n_inputs = events.shape
    cell, n_hidden = layers.session, layers.opening.shape[0]
    projected = (events.reshape(-1, n_inputs) @ cell.inputs).reshape(n_steps, n_rows, 3 * n_hidden)
    projected += cell.bias
    kind = events.dtype
    trace = Trace(
        before=np.empty((n_steps, n_rows, n_hidden), kind),
        after=np.empty((n_steps, n_rows, n_hidden), kind),
        gates=np.empty((n_steps, n_rows, 2 * n_hidden), kind),
        candidate=np.empty((n_steps, n_rows, n_hidden), kind),
        resettable=np.empty((n_steps, n_rows, n_hidden), kind),
        crossings={},
        person=persons,
    )
    person = np.zeros((n_rows, n_hidden), kind) if persons is None else persons.copy()
    state = np.zeros((n_rows, n_hidden), kind) if persons is None else open_session(layers, persons)
    recurrent = np.empty((n_rows, 3 * n_hidden), kind)
    crosses = frozenset(np.flatnonzero(opens.any(axis=1)).tolist())
    for step in range(n_steps):
        before = trace.before[step]
        before[:] = state
        if step in crosses:
            trace.crossings[step] = _cross(layers, before, person, np.flatnonzero(opens[step]))
        # Written out in place: temporaries would cost more here than the arithmetic.
        np.matmul(before, cell.recurrent, out=recurrent)
        gates, resettable, candidate = trace.gates[step], trace.resettable[step], trace.candidate[step]
        np.add(projected[step, :, : 2 * n_hidden], recurrent[:, : 2 * n_hidden], out=gates)
        squash(gates)
        np.add(recurrent[:, 2 * n_hidden :], cell.candidate_bias, out=resettable)
        np.multiply(gates[:, :n_hidden], resettable, out=candidate)
        candidate += projected[step, :, 2 * n_hidden :]
        np.tanh(candidate, out=candidate)
        state = trace.after[step]
        np.subtract(before, candidate, out=state)
        state *= gates[:, n_hidden:]
        state += candidate
    return trace


def run_back(layers: Layers, trace: Trace, events: Array, d_after: Array, d_first: Array | None = None) -> Gradients:
    """Return the gradients of everything that went into `run_forward`.

    Args:
        layers: the weights.
        trace: what the run forward left.
        events: what went in, shape (n_steps, n_rows, n_inputs).
        d_after: gradient of each step's state, shape (n_steps, n_rows, n_hidden).
        d_first: gradient of the states before the first step, for other reasons than what followed; same shape but
            for the steps.
    """
    n_steps, n_rows, n_hidden = d_after.shape
    cell = layers.session
    d_projected = np.empty((n_steps, n_rows, 3 * n_hidden), d_after.dtype)
    d_recurrent = np.empty((n_steps, n_rows, 3 * n_hidden), d_after.dtype)
    back = np.ascontiguousarray(cell.recurrent.T)
    d_state = np.zeros((n_rows, n_hidden), d_after.dtype)
    d_person = np.zeros((n_rows, n_hidden), d_after.dtype)
    between = _BetweenSessions.zeros(layers)
    for step in range(n_steps - 1, -1, -1):
        d_state += d_after[step]
        reset, update = trace.gates[step, :, :n_hidden], trace.gates[step, :, n_hidden:]
        candidate = trace.candidate[step]
        d_reset, d_update = d_projected[step, :, :n_hidden], d_projected[step, :, n_hidden : 2 * n_hidden]
        d_candidate = d_projected[step, :, 2 * n_hidden :]
        np.subtract(1.0, update, out=d_candidate)
        np.subtract(trace.before[step], candidate, out=d_update)
        d_update *= update
        d_update *= d_candidate
        d_update *= d_state
        d_candidate *= d_state
        d_candidate *= 1.0 - candidate * candidate
        np.multiply(d_candidate, trace.resettable[step], out=d_reset)
        d_reset *= reset
        d_reset *= 1.0 - reset
        d_step = d_recurrent[step]
        d_step[:, : 2 * n_hidden] = d_projected[step, :, : 2 * n_hidden]
        np.multiply(d_candidate, reset, out=d_step[:, 2 * n_hidden :])
        d_state *= update
        d_state += d_step @ back
        if step in trace.crossings:
            between.cross_back(layers, trace.crossings[step], d_state, d_person)
    if trace.person is not None:
        if d_first is not None:
            d_state += d_first
        between.open_back(layers, trace.before[0], trace.person, d_state, d_person)
    flat = (n_steps * n_rows, 3 * n_hidden)
    session = Cell(
        inputs=events.reshape(n_steps * n_rows, -1).T @ d_projected.reshape(flat),
        recurrent=trace.before.reshape(n_steps * n_rows, n_hidden).T @ d_recurrent.reshape(flat),
        bias=d_projected.sum(axis=(0, 1)),
        candidate_bias=d_recurrent[:, :, 2 * n_hidden :].sum(axis=(0, 1)),
    )
    d_events = (d_projected.reshape(flat) @ cell.inputs.T).reshape(events.shape)
    return Gradients(Layers(session, between.person, between.opening, between.opening_bias), d_events, d_person)


def open_session(layers: Layers, persons: Array) -> Array:
    """Return the states that sessions of these persons begin with, shape (n_rows, n_hidden)."""
    opened: Array = np.tanh(persons @ layers.opening + layers.opening_bias)
    return opened


def advance(layers: Layers, events: Array, opens: Flags, state: Array, person: Array) -> tuple[Array, Array]:
    """Carry one shopper's states over further events; for serving.

    Args:
        layers: the weights.
        events: shape (n_events, n_inputs).
        opens: whether each event opens a session after an earlier one, shape (n_events,).
        state: the session's state, shape (n_hidden,).
        person: the person's state, shape (n_hidden,).

    Returns:
        Both states after the last event; the given ones are not changed. They do not depend, to the last bit, on how
        many events each call is given, which is why each event is projected alone.
    """
    cell = layers.session
    now, whole = state[None], person[None]
    for event, is_opening in zip(events, opens.tolist(), strict=True):
        if is_opening:
            whole = step_forward(layers.person, now @ layers.person.inputs + layers.person.bias, whole)[0]
            now = open_session(layers, whole)
        now = step_forward(cell, event[None] @ cell.inputs + cell.bias, now)[0]
    return now[0], whole[0]


def _cross(layers: Layers, before: Array, person: Array, columns: Columns) -> Crossing:
    """Let sessions end and the next ones begin in some rows of a batch; changes `before` and `person` there."""
    session_before, person_before = before[columns], person[columns]
    projected = session_before @ layers.person.inputs + layers.person.bias
    person_after, gates = step_forward(layers.person, projected, person_before)
    opened = open_session(layers, person_after)
    before[columns], person[columns] = opened, person_after
    return Crossing(columns, gates, person_before, person_after, session_before, opened)


@dataclass(slots=True)
class _BetweenSessions:
    """Gradients of what lies between sessions, summed over all crossings of a batch."""

    person: Cell
    opening: Array
    opening_bias: Array

    @classmethod
    def zeros(cls, layers: Layers) -> _BetweenSessions:
        person = Cell(*(np.zeros_like(weights) for weights in layers.person))
        return cls(person, np.zeros_like(layers.opening), np.zeros_like(layers.opening_bias))

    def cross_back(self, layers: Layers, crossing: Crossing, d_state: Array, d_person: Array) -> None:
        """Move the gradients of the opened states into the states before the crossing; changes both in place."""
        columns, n_hidden = crossing.columns, len(self.opening_bias)
        d_after: Array = d_person[columns]
        self.open_back(layers, crossing.opened, crossing.person_after, d_state[columns], d_after)
        d_projected, d_recurrent, d_before = step_back(layers.person, crossing.gates, crossing.person_before, d_after)
        np.add(self.person.inputs, crossing.session_before.T @ d_projected, out=self.person.inputs)
        np.add(self.person.recurrent, crossing.person_before.T @ d_recurrent, out=self.person.recurrent)
        np.add(self.person.bias, d_projected.sum(axis=0), out=self.person.bias)
        np.add(
            self.person.candidate_bias,
            d_recurrent[:, 2 * n_hidden :].sum(axis=0),
            out=self.person.candidate_bias,
        )
        d_person[columns] = d_before
        d_state[columns] = d_projected @ layers.person.inputs.T

    def open_back(self, layers: Layers, opened: Array, person: Array, d_state: Array, d_person: Array) -> None:
        """Add to the persons' gradients those of the states that they opened; changes `d_person` in place."""
        d_opened: Array = d_state * (1.0 - opened * opened)
        self.opening += person.T @ d_opened
        self.opening_bias += d_opened.sum(axis=0)
        d_person += d_opened @ layers.opening.T
