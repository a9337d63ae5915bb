"""Scores that are the same for everyone and moved by live events: worked out for those items that can be on top."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recommendations.engine.candidates import Candidates
from recommendations.engine.scoring import InOrder, Items, Mask, Scores, Scoring


class Moved(Scoring):
    """Scores as they are now; the best are among the items touched lately and the best as they were trained.

    Args:
        score_at: scores of some items, above 0, shape (n,) to shape (n,); an item that nobody touched may only fall
            behind those that stood before it in training.
        trained: the scores as trained.
        touched: the items touched lately, in any order.
        n_items: of the catalogue.
        fewest: so many of the best as trained are looked at, at least.
    """

    def __init__(
        self, score_at: Callable[[Items], Scores], trained: InOrder, touched: Items, n_items: int, fewest: int = 1
    ) -> None:
        self._score_at = score_at
        self._trained = trained
        self._touched = touched
        self._n_items = n_items
        self._fewest = fewest
        self._all: Scores | None = None

    def all(self) -> Scores:
        if self._all is None:
            self._all = self._score_at(np.arange(self._n_items))
        return self._all

    def at(self, items: Items) -> Scores:
        return self._score_at(items)

    def greatest(self) -> float:
        return float(self.best(1).scores.max(initial=0.0))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        is_near = np.zeros(self._n_items, np.bool_)
        is_near[self._touched] = True
        if allowed is not None:
            is_near &= allowed
        is_near[self._trained.best(max(k, self._fewest), allowed).items] = True
        items = np.flatnonzero(is_near)
        return Candidates(items, self._score_at(items))
