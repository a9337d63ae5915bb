"""Scores that are products of item vectors with what is wanted, found by an index and not one by one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.scoring import Items, Mask, Scores, Scoring
from recommendations.engine.answers.vector_index import VectorIndex

# Below exp(-80) a score would be 0 in single precision, and the item not offered.
LOWEST = np.float32(-80.0)


class Products(Scoring):
    """Scores exp((product + bias - greatest) / temperature), in (0, 1], for a catalogue too large to go through.

    The best are those of the lists that the index reads, with exact scores; how many of the true best these hold is the
    index's recall.

    Args:
        wanted: shape (width,).
        vectors: of all items, shape (n_items, width).
        biases: of all items, shape (n_items,).
        index: of the same vectors and biases.
        temperature: above 0.
    """

    is_costly = True

    def __init__(
        self,
        wanted: NDArray[np.float32],
        vectors: NDArray[np.float32],
        biases: NDArray[np.float32],
        index: VectorIndex,
        temperature: float,
    ) -> None:
        self._wanted = wanted
        self._vectors = vectors
        self._biases = biases
        self._index = index
        self._temperature = temperature
        self._greatest: float | None = None

    def all(self) -> Scores:
        products = self._vectors @ self._wanted + self._biases
        return soften(products, float(products.max()), self._temperature)

    def at(self, items: Items) -> Scores:
        if self._greatest is None:
            self.best(1)
        products = self._vectors[items] @ self._wanted + self._biases[items]
        return soften(products, self._greatest or 0.0, self._temperature)

    def greatest(self) -> float:
        return 1.0

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        items, products, self._greatest = self._index.search(self._wanted, k, allowed)
        order = np.argsort(items)
        return Candidates(items[order], soften(products[order], self._greatest, self._temperature))


class PositiveProducts(Scoring):
    """Products themselves where they are above 0, and 0 elsewhere, for a catalogue too large to go through.

    Args:
        wanted: shape (width,).
        vectors: of all items, shape (n_items, width).
        index: of the same vectors, all biases 0.
    """

    is_costly = True

    def __init__(self, wanted: NDArray[np.float32], vectors: NDArray[np.float32], index: VectorIndex) -> None:
        self._wanted = wanted
        self._vectors = vectors
        self._index = index

    def all(self) -> Scores:
        return _positive(self._vectors @ self._wanted)

    def at(self, items: Items) -> Scores:
        return _positive(self._vectors[items] @ self._wanted)

    def greatest(self) -> float:
        return max(0.0, self._index.search(self._wanted, 1)[2])

    def best(self, k: int, allowed: Mask | None = None) -> Candidates:
        items, products, _ = self._index.search(self._wanted, k, allowed)
        order = np.argsort(items)
        return Candidates(items[order], products[order]).above_zero()


def soften(products: NDArray[np.float32], greatest: float | Scores, temperature: float) -> Scores:
    """Return exp((product - greatest) / temperature), above 0; shape as given."""
    scores = products - np.float32(greatest)
    scores *= np.float32(1.0 / temperature)
    np.maximum(scores, LOWEST, out=scores)
    found: Scores = np.exp(scores, out=scores)
    return found


def _positive(products: NDArray[np.float32]) -> Scores:
    found: Scores = np.maximum(products, np.float32(0.0), out=products)
    return found
