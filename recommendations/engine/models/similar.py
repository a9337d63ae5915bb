"""Similar items: what belongs beside an item, by what is taken together and what follows what."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.arrays.ragged import top_entries_per_row
from recommendations.engine.arrays.rows import add_rows
from recommendations.engine.arrays.sums import sum_by_key
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.content import Content
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.training import TrainingRun

# Items with fewer events are compared by content too.
FEW_EVENTS = 20
# Rules in both directions and neighbours, each of height 1; content counts half as much at so many events.
N_JOINED, HALF_AT = 3, 5
# Cosines held at a time, which bounds the memory of a training.
ENTRIES_AT_ONCE = 20_000_000
# As many as one answer may have.
N_POPULAR = 500
_NONE = np.empty(0, np.intp)


class SimilarItems(Recommender):
    """Each item's nearest others: sequential rules in both directions plus item-kNN, row by row of equal height.

    Where attributes of items are known, what an item with few events is stands in for what was done with it.

    similarity(i, j) = R(i, j) + rules_to(i, j) + C(i, j), where R is the row of rules from i, rules_to the rules from
    other items to i, and C the cosine of shared users, each divided by its greatest value in the row; the item itself
    is left out. To the row of an item with n events, n below 20, are added 3 * 5 / (n + 5) times the cosines of its
    content vectors, left and right, with those of all others, of the same height: an item that nobody touched has
    these alone, and one with five events half as much of them as of the rest. A request looks up one row: that of the
    history's newest item.

    Args:
        window: the greatest distance of a rule, in events.
        popularity_discount: how strongly rules hold popular items back, 0..1.
        row_size: the most items kept beside an item.
        event_weights: weight of each event type in rules; 1 for types not named, 0 to leave a type out.
        seed: not used: counting has no chance in it.
    """

    name: ClassVar[str] = "similar"
    learned: ClassVar[tuple[str, ...]] = ("starts_", "neighbours_", "similarities_", "popular_")

    # The items with the most weight of events, greatest first: what is left where nothing is known of an item.
    popular_: NDArray[np.int32]
    starts_: NDArray[np.int64]
    neighbours_: NDArray[np.int32]
    similarities_: NDArray[np.float32]

    def __init__(
        self,
        window: int = 10,
        popularity_discount: float = 0.5,
        row_size: int = 200,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.window = window
        self.popularity_discount = popularity_discount
        self.row_size = row_size
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return what is similar to the newest item, shape (n_items,); all 0 without an item."""
        return self.scoring(Encoded.of_order(items)).all()

    def scoring(self, encoded: Encoded) -> Somewhere:
        """Return what is similar to the newest item; nothing without one."""
        newest = encoded.items[-1:]
        return add_rows(self.starts_, self.neighbours_, self.similarities_, newest, np.ones(len(newest), np.float32))

    def general_items(self) -> NDArray[np.intp]:
        """Return the 500 items with the most weight of events, greatest first."""
        self._require_fitted()
        return self.popular_.astype(np.intp)

    def scoring_beside(self, items: NDArray[np.intp], weights: NDArray[np.float32]) -> Somewhere:
        """Return what is similar to something that is like some items: the sum of their rows, each item in its own.

        An item is as similar to itself as the most similar other is, so that what is like it stands high beside it.

        Args:
            items: different catalogue indices, shape (n,).
            weights: how much it is like each, shape (n,).
        """
        n_items = len(self.starts_) - 1
        if not len(items):
            return Somewhere.none(n_items)
        spans = zip(self.starts_[items].tolist(), self.starts_[items + 1].tolist(), strict=True)
        greatest = [float(self.similarities_[start:stop].max(initial=0.0)) or 1.0 for start, stop in spans]
        others = add_rows(self.starts_, self.neighbours_, self.similarities_, items, weights).support
        own = weights * np.array(greatest, np.float32)
        found, sums = sum_by_key(np.concatenate((others.items, items)), np.concatenate((others.scores, own)), n_items)
        return Somewhere(found, sums.astype(np.float32), n_items)

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        self._rules().check()
        require_range("row_size", self.row_size, 1, 10_000)

    def _rules(self) -> SequentialRules:
        return SequentialRules(window=self.window, popularity_discount=self.popularity_discount)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        self.popular_ = _most_popular(interactions, weights)
        rules = self._rules()
        rules.fit_selected(interactions, weights, run.part(0.0, 0.4))
        nearest = ItemNeighbours(row_size=self.row_size)
        nearest.fit_selected(interactions, weights, run.part(0.4, 0.8))
        run.report(0.8, "similar: joining rules and neighbours")
        shape = (interactions.n_items, interactions.n_items)
        after = sparse.csr_array((rules.strengths_, rules.targets_, rules.starts_), shape=shape)
        beside = sparse.csr_array((nearest.similarities_, nearest.neighbours_, nearest.starts_), shape=shape)
        total = sparse.csr_array(_level(after) + _level(sparse.csr_array(after.T)) + _level(beside))
        total.sort_indices()
        row = np.repeat(np.arange(shape[0]), np.diff(total.indptr))
        total.data[row == total.indices] = 0.0
        total.eliminate_zeros()
        content = Content(seed=self.seed)
        if content.suits(interactions):
            content.fit_selected(interactions, weights, run.part(0.8, 0.9))
            total = sparse.csr_array(total + self._by_content(content, interactions, run.part(0.9, 1.0)))
            total.sort_indices()
        kept, self.starts_ = top_entries_per_row(total.indptr.astype(np.int64), total.data, self.row_size)
        self.neighbours_ = total.indices[kept].astype(np.int32)
        self.similarities_ = total.data[kept].astype(np.float32)

    def _by_content(
        self, content: Content, interactions: Interactions, run: TrainingRun
    ) -> sparse.csr_array[np.float32]:
        """Return rows of what items with few events are like, empty for the others, shape (n_items, n_items)."""
        counts = np.bincount(interactions.items, minlength=interactions.n_items)
        few = np.flatnonzero(counts < FEW_EVENTS)
        vectors = np.hstack([_unit(content.lefts_), _unit(content.rights_)])
        rows, columns, values = [_NONE], [_NONE], [np.empty(0, np.float32)]
        at_once = max(1, ENTRIES_AT_ONCE // interactions.n_items)
        for start in range(0, len(few), at_once):
            run.report(start / len(few), "similar: comparing items with few events by content")
            block = few[start : start + at_once]
            cosines = vectors[block] @ vectors.T
            cosines[np.arange(len(block)), block] = 0.0
            nearest = np.argpartition(-cosines, min(self.row_size, cosines.shape[1] - 1), axis=1)[:, : self.row_size]
            nearest.sort(axis=1)
            rows.append(np.repeat(block, nearest.shape[1]))
            columns.append(nearest.ravel())
            values.append(np.take_along_axis(cosines, nearest, axis=1).ravel())
        found = sparse.csr_array(
            (np.maximum(np.concatenate(values), 0.0), (np.concatenate(rows), np.concatenate(columns))),
            shape=(interactions.n_items, interactions.n_items),
        )
        found.eliminate_zeros()
        shares = N_JOINED * HALF_AT / (counts + HALF_AT)
        level = _level(found)
        level.data *= np.repeat(shares, np.diff(level.indptr)).astype(np.float32)
        return level


def _most_popular(interactions: Interactions, weights: NDArray[np.float32]) -> NDArray[np.int32]:
    counts = np.bincount(interactions.items, weights, minlength=interactions.n_items)
    return np.argsort(-counts, kind="stable")[:N_POPULAR].astype(np.int32)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    of_length_one: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-12))
    return of_length_one


def _level(matrix: sparse.csr_array[np.float32]) -> sparse.csr_array[np.float32]:
    """Return the matrix with each row divided by its greatest value beside the diagonal."""
    level = matrix.copy()
    row = np.repeat(np.arange(level.shape[0]), np.diff(level.indptr))
    level.data = np.where(row == level.indices, 0.0, level.data).astype(np.float32)
    greatest = np.zeros(level.shape[0], np.float32)
    np.maximum.at(greatest, row, level.data)
    level.data /= np.maximum(greatest, np.float32(1e-12))[row]
    return level
