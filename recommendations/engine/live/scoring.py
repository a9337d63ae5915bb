"""Scores that are the same for everyone and moved by live events: worked out for those items that can be on top."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.scoring import InOrder, Items, Mask, Scores, Scoring


class Moved(Scoring):
    """Scores as they are now; the best are among the items touched lately and the best as they were trained.

    Args:
        score_at: scores of some items, above 0, shape (n,) to shape (n,); an item that nobody touched may only fall
            behind those that stood before it in training.
        trained: the scores as trained.
        touched: the items touched lately, ascending.
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
        self._moved: Candidates | None = None

    def all(self) -> Scores:
        if self._all is None:
            self._all = self._score_at(np.arange(self._n_items))
        return self._all

    def at(self, items: Items) -> Scores:
        return self._score_at(items)

    def greatest(self) -> float:
        leading = self._score_at(self._trained.best(self._fewest).items)
        return float(max(leading.max(initial=0.0), self._score_touched().scores.max(initial=0.0)))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        moved = self._score_touched().among(allowed).best(k)
        leading = self._trained.best(max(k, self._fewest), allowed).items
        items, first = np.unique(np.concatenate((moved.items, leading)), return_index=True)
        scores = np.concatenate((moved.scores, self._score_at(leading)))
        best = Candidates(items, scores[first]).best(k)
        order = np.argsort(best.items)
        return Candidates(best.items[order], best.scores[order]).above_zero()

    def _score_touched(self) -> Candidates:
        if self._moved is None:
            self._moved = Candidates(self._touched, self._score_at(self._touched))
        return self._moved
