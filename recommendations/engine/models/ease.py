"""EASE: every item as a weighted sum of the others, solved in one step."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.taking_out import decay_without, newest_needed
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun

# The weights are dense: at this many items they take 0.9 GB and their inverse about a minute.
MOST_ITEMS = 15_000
# Users whose rows are made dense at a time: at the most items, 60 MB.
USERS_AT_ONCE = 1_000
# Above this share of filled cells a dense product is faster than a sparse one.
DENSE_SHARE = 0.01


class Ease(Recommender):
    """A shallow autoencoder without hidden layer: B minimises |X - X B|^2 + regularisation |B|^2, diagonal 0.

    X[u, i] is 1 where user u has an event on item i. With P the inverse of X'X + regularisation I, B = -P / diag(P)
    column by column. A history is scored as the sum over its newest `history_size` events of history_decay ** age
    times the event's row of B, age 0 being the newest; what comes out below 0 counts as 0.

    Args:
        regularisation: the penalty on weights, in users.
        history_decay: what an event's weight is multiplied with for each newer event.
        history_size: the newest events that count, which bounds the work of a request.
        max_items: a larger catalogue is refused; the work grows with its cube and the memory with its square.
        event_weights: 0 leaves a type out; other weights make no difference here.
        seed: not used: there is no chance in it.

    Source:
        Steck, "Embarrassingly shallow autoencoders for sparse data" (WWW 2019), equation 8.
    """

    name: ClassVar[str] = "ease"
    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    decays: ClassVar[tuple[float, ...]] = (0.5, 0.6, 0.7, 0.8, 0.9)

    weights_: NDArray[np.float32]

    def __init__(
        self,
        regularisation: float = 250.0,
        history_decay: float = 0.8,
        history_size: int = 50,
        max_items: int = MOST_ITEMS,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.regularisation = regularisation
        self.history_decay = history_decay
        self.history_size = history_size
        self.max_items = max_items
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the decayed sum of the history's rows, shape (n_items,)."""
        newest = items[-self.history_size :]
        decays = (self.history_decay ** np.arange(len(newest) - 1, -1, -1.0)).astype(np.float32)
        scores: NDArray[np.float32] = decays @ self.weights_[newest]
        return np.maximum(scores, 0, out=scores)

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the sums at some items with everything, and without each of some others."""
        newest = newest_needed(encoded.items, taken_out, self.history_size)
        decays = decay_without(newest, taken_out, self.history_decay, self.history_size)
        scores: NDArray[np.float32] = decays @ self.weights_[np.ix_(newest, items)]
        return np.maximum(scores, 0, out=scores)

    def suits(self, interactions: Interactions) -> bool:
        """Return whether the catalogue is small enough."""
        return interactions.n_items <= self.max_items

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("regularisation", self.regularisation, 1e-3, 1e9)
        require_range("history_decay", self.history_decay, 0.01, 1)
        require_range("history_size", self.history_size, 1, 1_000)
        require_range("max_items", self.max_items, 1, MOST_ITEMS)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:  # noqa: ARG002
        n_items = interactions.n_items
        if not self.suits(interactions):
            raise InvalidHyperparameter(
                f"max_items is {self.max_items:,} and there are {n_items:,} items; "
                "use item-kNN for so large a catalogue."
            )
        run.report(0.1, "ease: counting shared users")
        gram = count_shared(interactions)
        gram[np.diag_indices(n_items)] += np.float32(self.regularisation)
        run.report(0.4, "ease: solving")
        self.weights_ = _solve(gram)


def count_shared(interactions: Interactions) -> NDArray[np.float32]:
    """Return how many users each two items share, shape (n_items, n_items), the diagonal included.

    Only the upper triangle is certain to be filled, which is all that a symmetric solver reads.
    """
    matrix = interactions.to_csr()
    matrix.data[:] = 1.0
    n_users, n_items = matrix.shape
    if matrix.nnz < DENSE_SHARE * n_users * n_items:
        return np.asarray((sparse.csr_array(matrix.T) @ matrix).toarray(), np.float32)
    gram = np.zeros((n_items, n_items), np.float32, order="F")
    for start in range(0, n_users, USERS_AT_ONCE):
        rows = matrix[start : start + USERS_AT_ONCE].toarray()
        gram = linalg.blas.ssyrk(1.0, rows.T, 1.0, gram, overwrite_c=True)
    return gram


def _solve(gram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return B for a regularised matrix of shared users, which may be overwritten."""
    factor, fault = linalg.lapack.spotrf(gram, overwrite_a=True)
    inverse, fault_of_inverse = linalg.lapack.spotri(factor, overwrite_c=True)
    if fault or fault_of_inverse:
        raise InvalidHyperparameter("regularisation is too small for these interactions; give a greater number.")
    upper = np.triu(inverse, 1)
    diagonal = np.diag(inverse).copy()
    symmetric = upper + upper.T
    return np.ascontiguousarray(symmetric / -diagonal, np.float32)
