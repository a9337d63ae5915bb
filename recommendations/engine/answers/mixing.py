"""A weighted sum of several models' scores for one history, worked out for the items that can be among the best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.answers.scoring import Items, Mask, Scores, Scoring
from recommendations.engine.answers.vector_index import MOST_WITHOUT

# A score that parts with negative weights have used up; above 0, since 0 would mean 'not offered'.
LEAST_SHARE = np.float32(1e-6)
# Items that a part which scores the whole catalogue brings where it is not asked for every item, at least.
FEWEST_BROUGHT = 300
# Items that all parts are asked about, of those that the parts brought, where not all can be.
MOST_ASKED = 500


class Share(NamedTuple):
    """A part's scores in one request, and what they are multiplied with: its weight over its greatest score."""

    factor: np.float32
    scoring: Scoring


class _Side:
    """The parts that speak for items, or those that speak against them, and the sum of their scores."""

    def __init__(self, shares: Sequence[Share], n_items: int) -> None:
        self.few = [(factor, each.support) for factor, each in shares if each.support is not None]
        self.many = [share for share in shares if share.scoring.support is None]
        self._looked_up = [share for share in self.many if not share.scoring.is_costly]
        self._n_items = n_items
        self._of_few: Scores | None = None

    def all(self) -> Scores:
        total = self._sum_of_few().copy()
        for factor, scoring in self.many:
            total += scoring.all() * factor
        return total

    def at(self, items: Items, *, only_looked_up: bool = False) -> Scores:
        # Few first here as there: both ways then add in one order, and come to the same to the last bit.
        total: Scores = self._sum_of_few()[items]
        for factor, scoring in self._looked_up if only_looked_up else self.many:
            total += scoring.at(items) * factor
        return total

    def _sum_of_few(self) -> Scores:
        if self._of_few is None:
            self._of_few = np.zeros(self._n_items, np.float32)
            for factor, support in self.few:
                self._of_few[support.items] += support.scores * factor
        return self._of_few


class Mixture(Scoring):
    """The weighted sum of parts, each first divided by its greatest score in the request.

    The best items are among those that any part with few scores has, and the best of the others. These are the best of
    one part's list where only one part scores all items, which is exact; where several do, the best of their sum, for
    which every item's is taken in a catalogue of at most 50,000. In a larger one each part brings its own best, at
    least 300, and of all that was brought the sum of what need only be looked up decides which 500 are asked of the
    parts that compute.

    Args:
        parts: each part's weight, not 0, and its scores.
        n_items: of the catalogue.
    """

    def __init__(self, parts: Iterable[tuple[float, Scoring]], n_items: int) -> None:
        self._n_items = n_items
        scaled = [
            (weight, Share(np.float32(weight / greatest), scoring))
            for weight, scoring in parts
            if (greatest := scoring.greatest()) > 0
        ]
        self._for_it = _Side([share for weight, share in scaled if weight > 0], n_items)
        self._against = _Side([share for weight, share in scaled if weight < 0], n_items)

    def all(self) -> Scores:
        return self._hold_back(self._for_it.all(), self._against.all)

    def at(self, items: Items) -> Scores:
        return self._hold_back(self._for_it.at(items), lambda: self._against.at(items))

    def greatest(self) -> float:
        return float(self.best(1).scores.max(initial=0.0))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        if self._against.many:
            scores = self.all()
            found = np.sort(top_k(scores, k, allowed))
            return Candidates(found, scores[found])
        # Whatever is held back may have been among the best of a list.
        brought = self._bring(k + sum(len(support.items) for _, support in self._against.few), allowed)
        is_brought = np.zeros(self._n_items, np.bool_)
        for items in (*(support.items for _, support in self._for_it.few), *(items for _, items in brought)):
            is_brought[items] = True
        if allowed is not None:
            is_brought &= allowed
        items = np.flatnonzero(is_brought)
        costly = [found for is_costly, found in brought if is_costly]
        if costly and len(items) > MOST_ASKED:
            cheap = self._for_it.at(items, only_looked_up=True)
            likely = items[np.argpartition(cheap, len(items) - MOST_ASKED)[-MOST_ASKED:]]
            is_asked = np.zeros(self._n_items, np.bool_)
            for chosen in (likely, *costly):
                is_asked[chosen] = True
            items = np.flatnonzero(is_asked)
        return Candidates(items, self.at(items)).above_zero()

    def _bring(self, wanted: int, allowed: Mask | None) -> list[tuple[bool, Items]]:
        """Return the best items of what scores the whole catalogue, in one list or several; and whose are costly."""
        many = self._for_it.many
        is_exact = self._n_items <= MOST_WITHOUT
        if len(many) > 1 and is_exact:
            total = np.zeros(self._n_items, np.float32)
            for factor, scoring in many:
                total += scoring.all() * factor
            return [(False, top_k(total, wanted, allowed))]
        if len(many) > 1 or (many and not is_exact):
            wanted = max(wanted, FEWEST_BROUGHT)
        return [(scoring.is_costly, scoring.best(wanted, allowed).items) for _, scoring in many]

    def _hold_back(self, offered: Scores, against: Callable[[], Scores]) -> Scores:
        if not (self._against.few or self._against.many):
            return offered
        held_back: Scores = np.maximum(offered + against(), offered * LEAST_SHARE)
        return held_back
