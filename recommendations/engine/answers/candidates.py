"""The few items of a request that matter, with their scores: what a list is chosen from."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Candidates(NamedTuple):
    """Some items and their scores.

    Attributes:
        items: different catalogue indices, ascending, shape (n,).
        scores: the score of each, shape (n,).
    """

    items: NDArray[np.intp]
    scores: NDArray[np.float32]

    @classmethod
    def none(cls) -> Self:
        """No item at all."""
        return cls(np.empty(0, np.intp), np.empty(0, np.float32))

    def among(self, allowed: NDArray[np.bool_] | None) -> Self:
        """Return those that are allowed; `allowed` has the shape (n_items_of_the_catalogue,), None for all."""
        if allowed is None:
            return self
        kept = allowed[self.items]
        return type(self)(self.items[kept], self.scores[kept])

    def above_zero(self) -> Self:
        """Return those with a score above 0."""
        kept = self.scores > 0
        return self if kept.all() else type(self)(self.items[kept], self.scores[kept])

    def best(self, k: int) -> Self:
        """Return the k with the greatest scores, best first; equal scores in index order."""
        items, scores = self.items, self.scores
        if k < len(items):
            least = np.partition(scores, len(scores) - k)[len(scores) - k]
            kept = scores >= least
            items, scores = items[kept], scores[kept]
        order = np.argsort(-scores, kind="stable")[:k]
        return type(self)(items[order], scores[order])
