"""Item vectors to begin a training with: a factorisation of which item comes soon after which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.cells import Array

# Contexts are smoothed by this power, so that rare ones do not get the greatest weights.
SMOOTHING = 0.75


def factorise_sequences(interactions: Interactions, width: int, window: int, seed: int) -> tuple[Array, Array]:
    """Vectors such that left[i] . right[j] is about how much likelier j is soon after i than by chance.

    Args:
        interactions: the events to learn from.
        width: how many numbers a vector has; more than the data carries are zero.
        window: the greatest distance of a pair, in events; pairs count 1 / distance.
        seed: of the vector that the decomposition starts with, so that equal data give equal vectors.

    Returns:
        Vectors of items as the past, and as what comes next; both of shape (n_items, width).

    Source:
        Levy and Goldberg, "Neural word embedding as implicit matrix factorization" (2014), section 4: a singular value
        decomposition of the positive pointwise mutual information; here of ordered pairs.
    """
    n_items = interactions.n_items
    left, right = np.zeros((n_items, width), np.float32), np.zeros((n_items, width), np.float32)
    information = positive_information(count_pairs(interactions, window))
    rank = min(width, n_items - 1, information.nnz)
    if rank < 1:
        return left, right
    start = np.random.default_rng(seed).standard_normal(n_items)
    first, strengths, second = svds(information.astype(np.float64), k=rank, v0=start)
    order = np.argsort(-strengths, kind="stable")
    roots = np.sqrt(np.maximum(strengths[order], 0.0))
    signs = _signs(first[:, order])
    left[:, :rank] = first[:, order] * (roots * signs)
    right[:, :rank] = second[order].T * (roots * signs)
    return left, right


def count_pairs(interactions: Interactions, window: int) -> sparse.csr_array[np.float32]:
    """Sums of 1 / distance over all pairs of one user's events, row the earlier item, shape (n_items, n_items)."""
    shape = (interactions.n_items, interactions.n_items)
    counts = sparse.csr_array(shape, dtype=np.float32)
    for distance in range(1, min(window, len(interactions) - 1) + 1):
        same = interactions.users[:-distance] == interactions.users[distance:]
        earlier, later = interactions.items[:-distance][same], interactions.items[distance:][same]
        ones = np.full(len(earlier), 1.0 / distance, np.float32)
        counts = counts + sparse.csr_array((ones, (earlier, later)), shape=shape)
    return counts


def positive_information(counts: sparse.csr_array[np.float32]) -> sparse.csr_array[np.float32]:
    """Logarithms of how much likelier each pair is than by chance, where it is likelier."""
    by_row: NDArray[np.float64] = np.asarray(counts.sum(axis=1), np.float64).ravel()
    by_column: NDArray[np.float64] = np.asarray(counts.sum(axis=0), np.float64).ravel() ** SMOOTHING
    pairs = counts.tocoo()
    rows, columns = pairs.coords
    by_chance = by_row[rows] * by_column[columns] / max(by_column.sum(), 1e-12)
    information = np.log(pairs.data / np.maximum(by_chance, 1e-12))
    kept = information > 0
    return sparse.csr_array((information[kept].astype(np.float32), (rows[kept], columns[kept])), shape=counts.shape)


def _signs(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sign that makes each column's greatest entry positive, so that a decomposition has one answer."""
    greatest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    return np.where(greatest < 0, -1.0, 1.0)
