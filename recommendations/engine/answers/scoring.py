"""One request's scores, worked out only as far as they are asked for: of some items, of the best, or of all."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.ranking import top_k

Scores = NDArray[np.float32]
Items = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Looking for so many items among a few is quicker than laying those out over the catalogue.
MOST_SEARCHED = 64


class Scoring(ABC):
    """The scores of every item for one history; 0 is 'not offered'. No caller may change what it is given.

    Attributes:
        support: every item whose score is above 0, where these are few; None where they may be many.
        is_costly: whether a score is computed and not looked up.
    """

    support: Candidates | None = None
    is_costly: bool = False

    @abstractmethod
    def all(self) -> Scores:
        """Return the score of every item, shape (n_items,)."""

    @abstractmethod
    def at(self, items: Items) -> Scores:
        """Return the scores of some items, shape (n,)."""

    @abstractmethod
    def greatest(self) -> float:
        """Return the greatest score of all items, allowed or not; 0 where there is none."""

    @abstractmethod
    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        """Return items among which the k best allowed ones are, all of scores above 0."""


class Everywhere(Scoring):
    """Scores at hand for the whole catalogue.

    Args:
        scores: shape (n_items,).
    """

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    def all(self) -> Scores:
        return self._scores

    def at(self, items: Items) -> Scores:
        found: Scores = self._scores[items]
        return found

    def greatest(self) -> float:
        return float(self._scores.max(initial=0.0))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        items = np.sort(top_k(self._scores, k, allowed))
        return Candidates(items, self._scores[items])


class Somewhere(Scoring):
    """Scores of a few items; all others have 0.

    Args:
        items: different catalogue indices, ascending, shape (n,).
        scores: of each, 0 or more, shape (n,).
        n_items: of the catalogue.
    """

    def __init__(self, items: Items, scores: Scores, n_items: int) -> None:
        kept = scores > 0
        self.support: Candidates = Candidates(items, scores) if kept.all() else Candidates(items[kept], scores[kept])
        self._n_items = n_items
        self._dense: Scores | None = None

    @classmethod
    def none(cls, n_items: int) -> Somewhere:
        """No item has a score."""
        return cls(*Candidates.none(), n_items)

    def all(self) -> Scores:
        if self._dense is None:
            self._dense = np.zeros(self._n_items, np.float32)
            self._dense[self.support.items] = self.support.scores
        return self._dense

    def at(self, items: Items) -> Scores:
        if self._dense is None and len(items) <= MOST_SEARCHED and len(self.support.items):
            places = np.minimum(np.searchsorted(self.support.items, items), len(self.support.items) - 1)
            return np.where(self.support.items[places] == items, self.support.scores[places], np.float32(0))
        found: Scores = self.all()[items]
        return found

    def greatest(self) -> float:
        return float(self.support.scores.max(initial=0.0))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:  # noqa: ARG002 - all there are
        return self.support.among(allowed)


class InOrder(Everywhere):
    """Scores that are the same for everyone, with the order they come to worked out before.

    Args:
        scores: shape (n_items,).
        order: all items, greatest score first, equal ones in index order, shape (n_items,).
    """

    def __init__(self, scores: Scores, order: Items) -> None:
        super().__init__(scores)
        self._order = order

    def greatest(self) -> float:
        return float(self._scores[self._order[0]]) if len(self._order) else 0.0

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        n_looked_at = k if allowed is None else 4 * k
        while True:
            first = self._order[:n_looked_at]
            if allowed is not None:
                first = first[allowed[first]]
            if len(first) >= k or n_looked_at >= len(self._order):
                break
            n_looked_at *= 4
        items = np.sort(first[:k])
        scores = self._scores[items]
        return Candidates(items, scores).above_zero()


def order_of(scores: Scores) -> Items:
    """Return all items, greatest score first, equal ones in index order, shape (n_items,)."""
    return np.argsort(-scores, kind="stable")
