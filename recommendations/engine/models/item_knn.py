"""Item-kNN: the items whose shoppers are the same."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.arrays.ragged import top_entries_per_row
from recommendations.engine.arrays.rows import add_rows, add_rows_without, reach_of
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun

# Rows of the similarity matrix made at a time, which bounds the memory of a training.
ITEMS_AT_ONCE = 2_000
# A user's newest items that count; the work grows with its square.
MOST_ITEMS_PER_USER = 500


class ItemNeighbours(Recommender):
    """Cosine similarity of items by the users that they share, truncated to each item's nearest.

    similarity(i, j) = shared(i, j) / (sqrt(users(i) * users(j)) + shrinkage); a row keeps its `row_size` greatest
    entries, the item itself left out. A history is scored as the sum over its events of history_decay ** age times
    the event's row, age 0 being the newest.

    Args:
        row_size: the nearest items kept for an item.
        shrinkage: how strongly similarities that rest on few users are held back.
        history_decay: what an event's weight is multiplied with for each newer event.
        history_size: the newest events that count, which bounds the work of a request.
        event_weights: 0 leaves a type out; other weights make no difference here.
        seed: not used: there is no chance in it.

    Source:
        Sarwar et al., "Item-based collaborative filtering recommendation algorithms" (WWW 2001), section 3.1.1.
    """

    name: ClassVar[str] = "item_knn"
    learned: ClassVar[tuple[str, ...]] = ("starts_", "neighbours_", "similarities_")
    decays: ClassVar[tuple[float, ...]] = (0.5, 0.6, 0.7, 0.8, 0.9)

    starts_: NDArray[np.int64]
    neighbours_: NDArray[np.int32]
    similarities_: NDArray[np.float32]

    def __init__(
        self,
        row_size: int = 200,
        shrinkage: float = 0.0,
        history_decay: float = 0.8,
        history_size: int = 50,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.row_size = row_size
        self.shrinkage = shrinkage
        self.history_decay = history_decay
        self.history_size = history_size
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the decayed sum of the history's rows, shape (n_items,)."""
        return self.scoring(Encoded.of_order(items)).all()

    def scoring(self, encoded: Encoded) -> Somewhere:
        """Return the decayed sum of the history's rows."""
        newest = encoded.items[-self._reach() :]
        decays = self.history_decay ** np.arange(len(newest) - 1, -1, -1.0)
        return add_rows(self.starts_, self.neighbours_, self.similarities_, newest, decays.astype(np.float32))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the sums at some items with everything, and without each of some others."""
        return add_rows_without(
            self.starts_,
            self.neighbours_,
            self.similarities_,
            encoded.items,
            taken_out,
            items,
            decay=self.history_decay,
            reach=self._reach(),
        )

    def _reach(self) -> int:
        return min(self.history_size, reach_of(self.history_decay))

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("row_size", self.row_size, 1, 10_000)
        require_range("shrinkage", self.shrinkage, 0, 1e6)
        require_range("history_decay", self.history_decay, 0.01, 1)
        require_range("history_size", self.history_size, 1, 1_000)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:  # noqa: ARG002
        run.report(0.0, "item_knn: collecting users")
        matrix = _by_user(interactions)
        by_item = sparse.csr_array(matrix.T)
        sizes = np.sqrt(np.diff(by_item.indptr)).astype(np.float32)
        lengths, neighbours, similarities = [], [], []
        for start in range(0, interactions.n_items, ITEMS_AT_ONCE):
            run.report(0.1 + 0.9 * start / interactions.n_items, "item_knn: comparing items")
            length, nearest, similarity = self._compare(by_item[start : start + ITEMS_AT_ONCE], matrix, sizes, start)
            lengths.append(length)
            neighbours.append(nearest)
            similarities.append(similarity)
        self.starts_ = np.concatenate(([0], np.cumsum(np.concatenate(lengths)))).astype(np.int64)
        self.neighbours_ = np.concatenate(neighbours)
        self.similarities_ = np.concatenate(similarities)

    def _compare(
        self,
        rows: sparse.csr_array[np.float32],
        matrix: sparse.csr_array[np.float32],
        sizes: NDArray[np.float32],
        start: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """Return the rows' lengths, and their nearest items and similarities end to end."""
        shared = sparse.csr_array(rows @ matrix)
        shared.sort_indices()
        item = start + np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
        similarity = shared.data / (sizes[item] * sizes[shared.indices] + np.float32(self.shrinkage))
        similarity[item == shared.indices] = 0.0
        kept, starts = top_entries_per_row(shared.indptr.astype(np.int64), similarity, self.row_size + 1)
        nearest = kept[similarity[kept] > 0]
        near_rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[similarity[kept] > 0]
        rank = _rank_in_row(near_rows, shared.shape[0])
        nearest, near_rows = nearest[rank < self.row_size], near_rows[rank < self.row_size]
        lengths = np.bincount(near_rows, minlength=shared.shape[0]).astype(np.int64)
        return lengths, shared.indices[nearest].astype(np.int32), similarity[nearest].astype(np.float32)


def _rank_in_row(rows: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    lengths = np.bincount(rows, minlength=n_rows)
    rank: NDArray[np.int64] = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rank


def _by_user(interactions: Interactions) -> sparse.csr_array[np.float32]:
    """Return which user has an event on which item, 0 or 1, each user's newest events only."""
    lengths = np.diff(interactions.starts)
    if lengths.max() > MOST_ITEMS_PER_USER:
        from_newest = np.repeat(interactions.starts[1:], lengths) - 1 - np.arange(len(interactions))
        is_new = from_newest < MOST_ITEMS_PER_USER
        pairs = (interactions.users[is_new], interactions.items[is_new])
        shape = (interactions.n_users, interactions.n_items)
        matrix = sparse.csr_array((np.ones(len(pairs[0]), np.float32), pairs), shape=shape)
        matrix.sum_duplicates()
    else:
        matrix = interactions.to_csr()
    matrix.data[:] = 1.0
    return matrix
