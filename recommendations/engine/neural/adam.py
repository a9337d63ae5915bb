"""Adam: the optimiser, for dense weights and for the few rows of a table that a batch touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.cells import Array

KEEP_FIRST = 0.9
KEEP_SECOND = 0.98
TINY = 1e-8


class Rows(NamedTuple):
    """A gradient that is zero but for these rows: which, each once, and their gradients, shape (n_rows, width)."""

    rows: NDArray[np.intp]
    gradients: Array


@dataclass(slots=True)
class Adam:
    """Moments of every weight's gradients, by name.

    A row that batches do not touch would go on moving for some steps, on its moments alone. That is made up for in
    one go, by `catch_up`, when the row is next looked at, so that a step costs what its batch holds and not what the
    whole table does.

    Attributes:
        n_steps: how many steps were taken.
        first, second: running means of the gradients and of their squares.
        reached: of tables, the step that each row and its moments have been brought to.

    Source:
        Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.
    """

    n_steps: int = 0
    first: dict[str, Array] = field(default_factory=dict)
    second: dict[str, Array] = field(default_factory=dict)
    reached: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def step(
        self, weights: Mapping[str, Array], gradients: Mapping[str, Array | Rows], rate: float, longest: float
    ) -> None:
        """Move the weights against their gradients, in place.

        Args:
            weights: by name.
            gradients: by name, of the same shape, or of some rows that were caught up with before.
            rate: the learning rate.
            longest: gradients are scaled down together to at most this length.
        """
        self.n_steps += 1
        length = float(np.sqrt(sum(_square(gradient) for gradient in gradients.values())))
        shrink = min(1.0, longest / (length + 1e-12))
        corrected = rate * self._correction()
        for name, gradient in gradients.items():
            if name not in self.first:
                self.first[name] = np.zeros_like(weights[name])
                self.second[name] = np.zeros_like(weights[name])
            if isinstance(gradient, Rows):
                self._move_rows(name, weights[name], gradient, shrink, corrected)
            else:
                move = _moved(gradient * shrink, self.first[name], self.second[name], corrected)
                np.subtract(weights[name], move, out=weights[name])

    def catch_up(self, weights: Mapping[str, Array], name: str, rows: NDArray[np.intp] | None, rate: float) -> None:
        """Move rows of a table by what they missed, in place.

        Args:
            weights: by name.
            name: the table's.
            rows: which, each once; all by default.
            rate: the learning rate, taken to have been the same meanwhile.
        """
        if name not in self.reached:
            return
        waited = self.n_steps - (self.reached[name] if rows is None else self.reached[name][rows])
        late = np.flatnonzero(waited)
        if not len(late):
            return
        rows, waited = (late if rows is None else rows[late]), waited[late].astype(np.float32)
        falling = np.float32(KEEP_FIRST / np.sqrt(KEEP_SECOND))
        # The sum of a geometric series: each step on moments alone is `falling` times the one before.
        missed = falling * (1 - falling**waited) / (1 - falling)
        first, second = self.first[name][rows], self.second[name][rows]
        shape = (-1,) + (1,) * (first.ndim - 1)
        move = first / (np.sqrt(second) + TINY)
        weights[name][rows] -= np.float32(rate * self._correction()) * missed.reshape(shape) * move
        self.first[name][rows] = first * (np.float32(KEEP_FIRST) ** waited).reshape(shape)
        self.second[name][rows] = second * (np.float32(KEEP_SECOND) ** waited).reshape(shape)
        self.reached[name][rows] = self.n_steps

    def _correction(self) -> float:
        """What makes up for moments that began at zero."""
        return float(np.sqrt(1 - KEEP_SECOND**self.n_steps) / (1 - KEEP_FIRST**self.n_steps))

    def _move_rows(self, name: str, table: Array, touched: Rows, shrink: float, rate: float) -> None:
        rows = touched.rows
        if name not in self.reached:
            self.reached[name] = np.full(len(table), self.n_steps, np.int64)
        first, second = self.first[name][rows], self.second[name][rows]
        move = _moved(touched.gradients * shrink, first, second, rate)
        self.first[name][rows], self.second[name][rows] = first, second
        self.reached[name][rows] = self.n_steps
        table[rows] -= move


def _moved(gradient: Array, first: Array, second: Array, rate: float) -> Array:
    """Return the step, and bring both moments, in place, up to date."""
    first *= KEEP_FIRST
    first += (1 - KEEP_FIRST) * gradient
    second *= KEEP_SECOND
    second += (1 - KEEP_SECOND) * gradient * gradient
    return rate * first / (np.sqrt(second) + TINY)


def _square(gradient: Array | Rows) -> float:
    values = gradient.gradients if isinstance(gradient, Rows) else gradient
    flat = values.ravel()
    return float(flat @ flat)
