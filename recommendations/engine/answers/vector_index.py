"""An inverted file of vectors: the greatest inner products with a query, without multiplying with all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.ragged import gather

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Up to so many vectors, multiplying with all of them is as fast.
MOST_WITHOUT = 50_000
# A centre for so many vectors. Fewer find more of the best among as many read, but take longer to build: with the
# vectors of a network trained on 100,000 items, 2,000 read held 97.2% of the 100 best with 56, 99.4% with 28 and 99.9%
# with 20, built in 1.4, 4.5 and 10.6 CPU-seconds.
VECTORS_PER_LIST = 28
MOST_LISTS = 4_096
# Longer lists are cut, since whoever needs one must read all of it.
LONGEST_LIST = 4 * VECTORS_PER_LIST
ROUNDS = 6
SAMPLE_PER_LIST = 20
ROWS_AT_ONCE = 8_192
# Lists that a query reads: some 1,900 vectors of 100,000, which held 99.5% of the 100 best.
LISTS_READ = 128
# A list may hold vectors better than its centre, by so much of how far they lie around it.
SPREAD_SHARE = np.float32(0.1)


@dataclass(frozen=True, slots=True, eq=False)
class VectorIndex:
    """Vectors in lists by their nearest centre; a query reads the lists whose centres it likes best.

    Attributes:
        centres: the mean of each list's vectors, float32, shape (n_lists, width + 1); the bias is the last number.
        spreads: root mean square distance of each list's vectors from their centre, float32, shape (n_lists,).
        starts: list l has the entries starts[l]:starts[l + 1]; int64, shape (n_lists + 1,).
        members: whose vector each entry is, int32, shape (n_vectors,).
        vectors: the entries' vectors and biases, float32, shape (n_vectors, width + 1).

    Source:
        Jegou, Douze and Schmid, "Product quantization for nearest neighbor search" (2011), section IV, the inverted
        file, here with whole vectors and for inner products.
    """

    arrays: ClassVar[tuple[str, ...]] = ("centres", "spreads", "starts", "members", "vectors")

    centres: Floats
    spreads: Floats
    starts: NDArray[np.int64]
    members: NDArray[np.int32]
    vectors: Floats

    @classmethod
    def none(cls, width: int) -> Self:
        """An index of no vectors."""
        nothing = np.empty((0, width + 1), np.float32)
        return cls(nothing, np.empty(0, np.float32), np.zeros(1, np.int64), np.empty(0, np.int32), nothing)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return len(self.members)

    @classmethod
    def build(cls, vectors: Floats, biases: Floats, seed: int = 0) -> Self:
        """Sort vectors into lists; equal vectors and seeds give equal lists.

        Args:
            vectors: shape (n_vectors, width).
            biases: what is added to each one's inner products, shape (n_vectors,).
            seed: which vectors the centres begin at.
        """
        rows = np.concatenate((vectors, biases[:, None]), axis=1).astype(np.float32)
        n_centres = max(1, min(MOST_LISTS, len(rows) // VECTORS_PER_LIST))
        centres = _find_centres(rows, n_centres, np.random.default_rng(seed))
        nearest = _nearest(rows, centres)
        # Within a list by length, so that a list that is cut falls into the long ones and the short ones.
        members = np.lexsort((-np.einsum("ij,ij->i", rows, rows), nearest))
        lengths = np.bincount(nearest, minlength=len(centres))
        cuts = [np.arange(0, length, LONGEST_LIST) for length in lengths.tolist()]
        ends = np.repeat(np.cumsum(lengths) - lengths, [len(cut) for cut in cuts]) + np.concatenate(cuts)
        starts = np.append(ends, len(rows)).astype(np.int64)
        ordered = rows[members]
        sizes = np.diff(starts)
        means = (np.add.reduceat(ordered, starts[:-1], axis=0) / sizes[:, None]).astype(np.float32)
        around = ordered - np.repeat(means, sizes, axis=0)
        squares = np.add.reduceat(np.einsum("ij,ij->i", around, around), starts[:-1])
        spreads = np.sqrt(squares / sizes).astype(np.float32)
        return cls(means, spreads, starts, members.astype(np.int32), ordered)

    def search(
        self, wanted: Floats, k: int, allowed: Mask | None = None, n_lists: int = LISTS_READ
    ) -> tuple[NDArray[np.intp], Floats, float]:
        """Return which allowed vectors have about the greatest inner products plus bias.

        Args:
            wanted: the query, shape (width,).
            k: the most to return.
            allowed: shape (n_vectors,); all by default. Where fewer than k of those read are allowed, all that are
                allowed are read.
            n_lists: how many lists to read.

        Returns:
            At most k vectors in no order, what each comes to, and the greatest of all that was read, allowed or not.
        """
        query = np.append(wanted, np.float32(1.0)).astype(np.float32)
        members, products = self._multiply(self._choose(query, n_lists), query)
        greatest = float(products.max(initial=-np.inf))
        n_read = len(members)
        if allowed is not None:
            is_kept = allowed.take(members)
            members, products = members[is_kept], products[is_kept]
        if len(members) < k and n_read < len(self.members):
            is_wanted = np.ones(len(self.members), np.bool_) if allowed is None else allowed.take(self.members)
            members, products = self._multiply(np.flatnonzero(is_wanted), query)
            greatest = float(products.max(initial=greatest))
        if len(members) > k:
            best = np.argpartition(products, len(products) - k)[-k:]
            members, products = members[best], products[best]
        return members.astype(np.intp), products, greatest

    def _choose(self, query: Floats, n_lists: int) -> NDArray[np.intp]:
        """The entries of the lists that the query likes best."""
        hopes = self.centres @ query
        hopes += self.spreads * (SPREAD_SHARE * np.sqrt(query @ query))
        n_lists = min(n_lists, len(hopes))
        return gather(self.starts, np.argpartition(hopes, len(hopes) - n_lists)[-n_lists:])[0]

    def _multiply(self, entries: NDArray[np.intp], query: Floats) -> tuple[NDArray[np.int32], Floats]:
        # Copied together first: one product of many rows is quicker than many products of few.
        return self.members.take(entries), self.vectors.take(entries, axis=0) @ query


def _find_centres(rows: Floats, n_centres: int, chance: np.random.Generator) -> Floats:
    """Lloyd's rounds on a sample."""
    sample = rows
    if len(rows) > n_centres * SAMPLE_PER_LIST:
        sample = rows[np.sort(chance.choice(len(rows), n_centres * SAMPLE_PER_LIST, replace=False))]
    centres: Floats = sample[np.sort(chance.choice(len(sample), n_centres, replace=False))].copy()
    for _ in range(ROUNDS):
        nearest = _nearest(sample, centres)
        order = np.argsort(nearest, kind="stable")
        lengths = np.bincount(nearest, minlength=n_centres)
        is_used = lengths > 0
        firsts = (np.cumsum(lengths) - lengths)[is_used]
        # A centre that nothing is nearest to stays where it is.
        centres[is_used] = np.add.reduceat(sample[order], firsts, axis=0) / lengths[is_used][:, None]
    return centres


def _nearest(rows: Floats, centres: Floats) -> NDArray[np.intp]:
    """Return the nearest centre of each row, shape (n_rows,)."""
    half = np.float32(0.5) * np.einsum("ij,ij->i", centres, centres)
    found = np.empty(len(rows), np.intp)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        found[block] = np.argmax(rows[block] @ centres.T - half, axis=1)
    return found
