"""The greatest singular values of a sparse matrix and their vectors, from a few products with random ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Columns beyond the rank that are wanted, and how often the sketch is multiplied through: with these, what is found
# differs from the exact answer by less than chance in the data does.
MORE_COLUMNS = 16
ROUNDS = 2

Floats = NDArray[np.float64]


def sketch_vectors(matrix: sparse.csr_array[np.float64], rank: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return left vectors, singular values and right vectors, about as an exact decomposition would, much sooner.

    Args:
        matrix: shape (n_rows, n_columns).
        rank: how many, at most the lesser of n_rows and n_columns.
        seed: of the random vectors, so that equal matrices give equal answers.

    Returns:
        Shapes (n_rows, rank), (rank,), greatest first, and (rank, n_columns).

    Source:
        Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and 5.1.
    """
    n_columns = min(rank + MORE_COLUMNS, *matrix.shape)
    thin = matrix.astype(np.float32)
    transposed = sparse.csr_array(thin.T)
    drawn = np.random.default_rng(seed).standard_normal((matrix.shape[1], n_columns), dtype=np.float32)
    basis = np.linalg.qr(thin @ drawn)[0]
    for _ in range(ROUNDS):
        basis = np.linalg.qr(transposed @ basis)[0]
        basis = np.linalg.qr(thin @ basis)[0]
    within, values, rights = np.linalg.svd((transposed @ basis).T, full_matrices=False)
    lefts = basis @ within[:, :rank]
    return lefts.astype(np.float64), values[:rank].astype(np.float64), rights[:rank].astype(np.float64)
