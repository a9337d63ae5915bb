"""A weighted sum of several models' scores for one history, worked out for the items that can be among the best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.answers.scoring import Items, Mask, Scores, Scoring
from recommendations.engine.answers.vector_index import MOST_WITHOUT
from recommendations.engine.arrays.sums import distinct_keys

# A score that parts with negative weights have used up; above 0, since 0 would mean 'not offered'.
LEAST_SHARE = np.float32(1e-6)
# Items that a part which scores the whole catalogue brings where it is not asked for every item, at least.
FEWEST_BROUGHT = 300
# Items that parts which compute are asked about in the end, at most, and how far sums may be off by rounding.
MOST_ASKED = 500
SLACK = np.float32(1.0 + 1e-5)


class Share(NamedTuple):
    """A part's scores in one request, and what they are multiplied with: its weight over its greatest score."""

    factor: np.float32
    scoring: Scoring


class Brought(NamedTuple):
    """The best allowed items of a part that scores the whole catalogue, and a score that no other allowed one tops.

    Where an index found them, one of the few that it misses may.
    """

    best: Candidates
    left: float

    @classmethod
    def by(cls, scoring: Scoring, wanted: int, allowed: Mask | None) -> Self:
        """Ask a part for so many."""
        best = scoring.best(wanted, allowed)
        return cls(best, 0.0 if len(best.items) < wanted else float(best.scores.min()))


class _Side:
    """The parts that speak for items, or those that speak against them, and the sum of their scores."""

    def __init__(self, shares: Sequence[Share], n_items: int) -> None:
        self.few = [(factor, each.support) for factor, each in shares if each.support is not None]
        many = [share for share in shares if share.scoring.support is None]
        self.many = sorted(many, key=lambda share: share.scoring.is_costly)
        self._n_items = n_items
        self._of_few: Scores | None = None

    def all(self) -> Scores:
        total = self._sum_of_few().copy()
        for factor, scoring in self.many:
            total += scoring.all() * factor
        return total

    def sum_of_many(self) -> Scores:
        total = np.zeros(self._n_items, np.float32)
        for factor, scoring in self.many:
            total += scoring.all() * factor
        return total

    def at(self, items: Items) -> Scores:
        # Few first here as there: both ways then add in one order, and come to the same to the last bit.
        total: Scores = self._sum_of_few()[items]
        for factor, scoring in self.many:
            total += scoring.at(items) * factor
        return total

    def at_most(self, items: Items, brought: Sequence[Brought]) -> Scores:
        """Return what the sum at some items cannot exceed, asking no part that computes."""
        total: Scores = self._sum_of_few()[items]
        for (factor, scoring), found in zip(self.many, brought, strict=True):
            if scoring.is_costly:
                part = np.full(len(items), found.left, np.float32)
                part[np.searchsorted(items, found.best.items)] = found.best.scores
            else:
                part = scoring.at(items)
            total += part * factor
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
    least 300. What a part that computes did not bring scores no more there than the last that it did, but for what its
    index misses, so that few items can still be among the best of the sum, and it is asked about these alone.

    Args:
        parts: each part's weight, not 0, and its scores.
        n_items: of the catalogue.

    Source:
        Fagin, Lotem and Naor, "Optimal aggregation algorithms for middleware" (2003), section 4, the threshold
        algorithm.
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
        wanted = k + sum(len(support.items) for _, support in self._against.few)
        if self._n_items > MOST_WITHOUT:
            return self._best_of_large(k, max(wanted, FEWEST_BROUGHT), allowed)
        brought = [support.items for _, support in self._for_it.few]
        many = self._for_it.many
        if len(many) > 1:
            brought.append(top_k(self._for_it.sum_of_many(), wanted, allowed))
        else:
            brought.extend(scoring.best(wanted, allowed).items for _, scoring in many)
        items = self._join(brought, allowed)
        return Candidates(items, self.at(items)).above_zero()

    def _best_of_large(self, k: int, wanted: int, allowed: Mask | None) -> Candidates:
        brought = [Brought.by(scoring, wanted, allowed) for _, scoring in self._for_it.many]
        few = [support.items for _, support in self._for_it.few]
        items = self._join([*few, *(found.best.items for found in brought)], allowed)
        if len(items) > k and any(scoring.is_costly for _, scoring in self._for_it.many):
            most = self._hold_back(self._for_it.at_most(items, brought), lambda: self._against.at(items))
            likely = items[np.argpartition(most, len(items) - k)[-k:]]
            is_open = most * SLACK >= self.at(likely).min()
            items, most = items[is_open], most[is_open]
            if len(items) > max(k, MOST_ASKED):
                items = np.sort(items[np.argpartition(most, len(items) - max(k, MOST_ASKED))[-max(k, MOST_ASKED) :]])
        return Candidates(items, self.at(items)).above_zero()

    def _join(self, lists: Sequence[Items], allowed: Mask | None) -> Items:
        """Return the allowed items of some lists, ascending."""
        items = np.concatenate([np.empty(0, np.intp), *lists])
        return distinct_keys(items if allowed is None else items[allowed.take(items)], self._n_items)

    def _hold_back(self, offered: Scores, against: Callable[[], Scores]) -> Scores:
        if not (self._against.few or self._against.many):
            return offered
        held_back: Scores = np.maximum(offered + against(), offered * LEAST_SHARE)
        return held_back
