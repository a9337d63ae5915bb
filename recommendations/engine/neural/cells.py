"""A gated recurrent unit: one step forward, and one step back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Single precision in training and serving; double in the tests of the gradients.
Array = NDArray[np.floating[Any]]


class Cell(NamedTuple):
    """The weights of one unit; gates lie side by side as reset, update, candidate.

    Attributes:
        inputs: shape (n_inputs, 3 * n_hidden).
        recurrent: shape (n_hidden, 3 * n_hidden).
        bias: shape (3 * n_hidden,).
        candidate_bias: added to the recurrent part of the candidate before it is reset, shape (n_hidden,).

    Source:
        Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), in the variant that resets
        after the matrix product, so that one product serves all three gates.
    """

    inputs: Array
    recurrent: Array
    bias: Array
    candidate_bias: Array


class Gates(NamedTuple):
    """What a step back needs of a step forward; each of shape (n_rows, n_hidden)."""

    reset: Array
    update: Array
    candidate: Array
    resettable: Array


def new_cell(n_inputs: int, n_hidden: int, chance: np.random.Generator) -> Cell:
    """A cell with weights drawn evenly from +-1 / sqrt(n_hidden), and no bias."""
    bound = 1.0 / np.sqrt(n_hidden)
    return Cell(
        inputs=chance.uniform(-bound, bound, (n_inputs, 3 * n_hidden)).astype(np.float32),
        recurrent=chance.uniform(-bound, bound, (n_hidden, 3 * n_hidden)).astype(np.float32),
        bias=np.zeros(3 * n_hidden, np.float32),
        candidate_bias=np.zeros(n_hidden, np.float32),
    )


def step_forward(cell: Cell, projected: Array, state: Array) -> tuple[Array, Gates]:
    """Return the next state, and the gates that led to it.

    Args:
        cell: the weights.
        projected: input times `cell.inputs` plus `cell.bias`, shape (n_rows, 3 * n_hidden).
        state: shape (n_rows, n_hidden).
    """
    n_hidden = state.shape[1]
    recurrent = state @ cell.recurrent
    gates = squash(projected[:, : 2 * n_hidden] + recurrent[:, : 2 * n_hidden])
    reset, update = gates[:, :n_hidden], gates[:, n_hidden:]
    resettable = recurrent[:, 2 * n_hidden :] + cell.candidate_bias
    candidate = np.tanh(projected[:, 2 * n_hidden :] + reset * resettable)
    return candidate + update * (state - candidate), Gates(reset, update, candidate, resettable)


def step_back(cell: Cell, gates: Gates, state: Array, d_next: Array) -> tuple[Array, Array, Array]:
    """Return the gradients of what went into a step.

    Args:
        cell: the weights.
        gates: what the step forward left.
        state: the state before the step, shape (n_rows, n_hidden).
        d_next: gradient of the state after it, same shape.

    Returns:
        Gradients of the projected input and of the recurrent product, both of shape (n_rows, 3 * n_hidden), and of
        the state before the step.
    """
    reset, update, candidate, resettable = gates
    d_candidate: Array = d_next * (1.0 - update) * (1.0 - candidate * candidate)
    d_update = d_next * (state - candidate) * update * (1.0 - update)
    d_reset = d_candidate * resettable * reset * (1.0 - reset)
    d_projected = np.concatenate((d_reset, d_update, d_candidate), axis=1)
    d_recurrent = np.concatenate((d_reset, d_update, d_candidate * reset), axis=1)
    d_state: Array = d_next * update + d_recurrent @ cell.recurrent.T
    return d_projected, d_recurrent, d_state


def squash(values: Array) -> Array:
    """The logistic function, by way of tanh, which never overflows; changes and returns `values`."""
    values *= np.float32(0.5)
    np.tanh(values, out=values)
    values += np.float32(1.0)
    values *= np.float32(0.5)
    return values
