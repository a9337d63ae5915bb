"""Items that came after a training: scored as the known items that they are most like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.scoring import Items, Mask, Scores, Scoring
from recommendations.engine.attributes.features import Vocabulary
from recommendations.engine.attributes.metadata import Metadata

# The known items that a newcomer's score is the mean of.
N_ALIKE = 20
# Newcomers that are scored for one list, by chance where there are more.
MOST_TRIED = 50
# Newcomers whose likenesses are worked out together, which bounds the memory.
AT_ONCE = 50
# What popularity adds to a likeness at most: of items that are equally alike, those that tell most are asked.
TIE_BREAK = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """The known items that each newcomer is most like.

    Attributes:
        items: catalogue indices, shape (n_newcomers, N_ALIKE).
        weights: of each, summing to 1, or all 0 where nothing is like it; shape (n_newcomers, N_ALIKE).
    """

    items: NDArray[np.intp]
    weights: NDArray[np.float32]

    @classmethod
    def none(cls) -> Alike:
        """No newcomer at all."""
        return cls(np.empty((0, N_ALIKE), np.intp), np.empty((0, N_ALIKE), np.float32))

    @classmethod
    def join(cls, parts: Sequence[Alike]) -> Alike:
        """Return the newcomers of all parts, in their order."""
        if not parts:
            return cls.none()
        return cls(np.concatenate([part.items for part in parts]), np.concatenate([part.weights for part in parts]))

    def __len__(self) -> int:
        """Return the number of newcomers."""
        return len(self.items)


class Likeness:
    """Finds which known items others are like; made once for a catalogue.

    Args:
        known: what is known of each item of the catalogue, in its order.
        n_events: how many events there are on each, shape (n_items,).
    """

    def __init__(self, known: Metadata, n_events: NDArray[np.intp]) -> None:
        self._vocabulary = Vocabulary(known)
        self._by_column = self._vocabulary.encode(known).T.tocsr()
        logs = np.log1p(n_events).astype(np.float32)
        self._tie_break = np.float32(TIE_BREAK) * logs / max(float(logs.max(initial=0.0)), 1.0)

    def find(self, newcomers: Metadata) -> Alike:
        """Return the known items that each of the newcomers is most like, in their order."""
        features = self._vocabulary.encode(newcomers)
        items = np.zeros((len(newcomers), N_ALIKE), np.intp)
        weights = np.zeros((len(newcomers), N_ALIKE), np.float32)
        for start in range(0, len(newcomers), AT_ONCE):
            products = (features[start : start + AT_ONCE] @ self._by_column).tocsr()
            for row in range(products.shape[0]):
                part = slice(products.indptr[row], products.indptr[row + 1])
                self._choose(products.indices[part], products.data[part], items[start + row], weights[start + row])
        return Alike(items, weights)

    def _choose(
        self,
        found: NDArray[np.int32],
        likeness: NDArray[np.float32],
        items: NDArray[np.intp],
        weights: NDArray[np.float32],
    ) -> None:
        """Fill in one newcomer's row."""
        if not len(found):
            return
        strength = likeness + self._tie_break[found]
        best = np.argsort(-strength, kind="stable")[:N_ALIKE]
        items[: len(best)] = found[best]
        weights[: len(best)] = likeness[best] / likeness[best].sum()


class Widened(Scoring):
    """A request's scores over the catalogue and the newcomers, whose indices come after the catalogue's.

    Args:
        scoring: over the catalogue.
        n_items: of the catalogue.
        alike: of the newcomers.
        chance: makes what draws which newcomers are tried, where they are many.
    """

    def __init__(self, scoring: Scoring, n_items: int, alike: Alike, chance: Callable[[], np.random.Generator]) -> None:
        self._known = scoring
        self._n_items = n_items
        self._alike = alike
        self._chance = chance
        # Where they are few: asked for more than once a request.
        self._of_all: Scores | None = None
        self.is_costly = scoring.is_costly

    def all(self) -> Scores:
        return np.concatenate((self._known.all(), self._score(np.arange(len(self._alike)))))

    def at(self, items: Items) -> Scores:
        is_new = items >= self._n_items
        if not is_new.any():
            return self._known.at(items)
        scores = np.empty(len(items), np.float32)
        scores[~is_new] = self._known.at(items[~is_new])
        scores[is_new] = self._score(items[is_new] - self._n_items)
        return scores

    def greatest(self) -> float:
        # A mean is never above what it is the mean of.
        return self._known.greatest()

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        n_items = self._n_items
        found = self._known.best(k, None if allowed is None else allowed[:n_items])
        places = np.arange(len(self._alike)) if allowed is None else np.flatnonzero(allowed[n_items:])
        if len(places) > MOST_TRIED:
            places = np.sort(self._chance().choice(places, MOST_TRIED, replace=False, shuffle=False))
        tried = Candidates(places + n_items, self._score(places)).above_zero()
        return Candidates(np.concatenate((found.items, tried.items)), np.concatenate((found.scores, tried.scores)))

    def _score(self, places: Items) -> Scores:
        if len(self._alike) > MOST_TRIED:
            return self._mean(places)
        if self._of_all is None:
            self._of_all = self._mean(np.arange(len(self._alike)))
        return self._of_all[places]

    def _mean(self, places: Items) -> Scores:
        if not len(places):
            return np.empty(0, np.float32)
        of_alike = self._known.at(self._alike.items[places].ravel()).reshape(len(places), N_ALIKE)
        scores: Scores = (of_alike * self._alike.weights[places]).sum(axis=1)
        return scores
