"""A weighted sum of several models' scores for one history, worked out for the items that can be among the best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.candidates import Candidates
from recommendations.engine.ranking import top_k
from recommendations.engine.scoring import Items, Mask, Scores, Scoring

# A score that parts with negative weights have used up; above 0, since 0 would mean 'not offered'.
LEAST_SHARE = np.float32(1e-6)
# To so many items all parts are asked for every item where they must be; above, each brings its own best.
MOST_EXACT = 50_000
# Items that a part which scores the whole catalogue brings where it is not asked for every item, at least.
FEWEST_BROUGHT = 500
# Items that all parts are asked about, of those that the parts brought, where not all can be.
MOST_ASKED = 1_500


class Share(NamedTuple):
    """A part's scores in one request, and what they are multiplied with: its weight over its greatest score."""

    factor: np.float32
    scoring: Scoring


class Mixture(Scoring):
    """The weighted sum of parts, each first divided by its greatest score in the request.

    The best items are among those that any part with few scores has, and the best of the others. These are the best of
    one part's list where only one part scores all items, which is exact; where several do, the best of their sum, for
    which every item's is taken in a catalogue of at most 50,000. In a larger one each part brings its own best, at
    least 500, and of all that was brought the sum of whatever costs a look-up decides which 1,500 are asked of the
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
        # Few scores first: all ways to add up then add in one order, and come to the same to the last bit.
        scaled.sort(key=lambda part: part[1].scoring.support is None)
        self._for_it = [share for weight, share in scaled if weight > 0]
        self._against = [share for weight, share in scaled if weight < 0]

    def all(self) -> Scores:
        return self._total(self._n_items, lambda scoring: scoring.all())

    def at(self, items: Items) -> Scores:
        return self._total(len(items), lambda scoring: scoring.at(items))

    def greatest(self) -> float:
        best = self.best(1)
        return float(best.scores.max(initial=0.0))

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        supports = [share.scoring.support for share in self._against]
        if any(support is None for support in supports):
            scores = self.all()
            found = np.sort(top_k(scores, k, allowed))
            return Candidates(found, scores[found])
        # Whatever is held back may have been among the best of a list.
        wanted = k + sum(len(support.items) for support in supports if support is not None)
        is_brought = np.zeros(self._n_items, np.bool_)
        brought = self._bring(wanted, allowed)
        for _, items in brought:
            is_brought[items] = True
        for share in self._for_it:
            if share.scoring.support is not None:
                is_brought[share.scoring.support.items] = True
        if allowed is not None:
            is_brought &= allowed
        items = np.flatnonzero(is_brought)
        costly = [found for is_costly, found in brought if is_costly]
        if costly and len(items) > MOST_ASKED:
            items = np.unique(np.concatenate((self._most_likely(items), *costly)))
        return Candidates(items, self.at(items)).above_zero()

    def _most_likely(self, items: Items) -> Items:
        """Return those with the greatest sums of the scores that need only be looked up."""
        cheap = _add(
            [share for share in self._for_it if not share.scoring.is_costly], len(items), lambda s: s.at(items)
        )
        chosen: Items = items[np.argpartition(cheap, len(items) - MOST_ASKED)[-MOST_ASKED:]]
        return chosen

    def _bring(self, wanted: int, allowed: Mask | None) -> list[tuple[bool, Items]]:
        """Return the best items of what scores the whole catalogue, in one list or several; and whose are costly."""
        many = [share for share in self._for_it if share.scoring.support is None]
        if len(many) > 1 and self._n_items <= MOST_EXACT:
            total = np.zeros(self._n_items, np.float32)
            for factor, scoring in many:
                total += scoring.all() * factor
            return [(False, top_k(total, wanted, allowed))]
        if len(many) > 1:
            wanted = max(wanted, FEWEST_BROUGHT)
        return [(scoring.is_costly, scoring.best(wanted, allowed).items) for _, scoring in many]

    def _total(self, n: int, scores_of: Callable[[Scoring], Scores]) -> Scores:
        offered = _add(self._for_it, n, scores_of)
        if not self._against:
            return offered
        held_back: NDArray[np.float32] = np.maximum(offered + _add(self._against, n, scores_of), offered * LEAST_SHARE)
        return held_back


def _add(shares: Sequence[Share], n: int, scores_of: Callable[[Scoring], Scores]) -> Scores:
    total = np.zeros(n, np.float32)
    for factor, scoring in shares:
        total += scores_of(scoring) * factor
    return total
