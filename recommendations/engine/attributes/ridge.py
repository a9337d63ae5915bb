"""Ridge regression from sparse rows to vectors, without a square matrix of the columns: outright or step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

# Of fewer rows the rows' own square matrix is solved outright, in a fraction of the time that the steps take.
MOST_ROWS_SOLVED = 1_500
MOST_STEPS = 50
# Of the residual against the right-hand side: far below what the data tell.
TOLERANCE = 1e-4


def fit_ridge(
    rows: sparse.csr_array[np.float32],
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    regularisation: float,
) -> NDArray[np.float32]:
    """Return the W that makes sum of weight * |row @ W - target|^2 + regularisation * |W|^2 least.

    Args:
        rows: shape (n_rows, n_columns).
        targets: shape (n_rows, n_targets).
        weights: how much each row counts, shape (n_rows,); a row of weight 0 plays no part.
        regularisation: above 0.

    Returns:
        Shape (n_columns, n_targets); 0 for columns that no row of weight above 0 has.

    Source:
        Few rows: Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual variables" (1998). Many
        rows: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems" (1952), one target a
        column, all at once, preconditioned by the diagonal.
    """
    counted = np.flatnonzero(weights > 0)
    if len(counted) <= MOST_ROWS_SOLVED:
        return _solve(rows[counted], targets[counted], np.sqrt(weights[counted], dtype=np.float64), regularisation)
    return _approach(rows, targets, weights, regularisation)


def _solve(
    rows: sparse.csr_array[np.float32],
    targets: NDArray[np.float32],
    roots: NDArray[np.float64],
    regularisation: float,
) -> NDArray[np.float32]:
    """Return the exact answer, by a matrix of shape (n_rows, n_rows); `roots` of the weights."""
    if not len(roots):
        return np.zeros((rows.shape[1], targets.shape[1]), np.float32)
    scaled = sparse.csr_array(rows.astype(np.float64) * roots[:, None])
    gram = (scaled @ scaled.T).toarray()
    gram[np.diag_indices_from(gram)] += regularisation
    duals = linalg.cho_solve(linalg.cho_factor(gram, lower=True), roots[:, None] * targets)
    found: NDArray[np.float32] = (scaled.T @ duals).astype(np.float32)
    return found


def _approach(
    rows: sparse.csr_array[np.float32],
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    regularisation: float,
) -> NDArray[np.float32]:
    """Return the answer to within `TOLERANCE`, in memory that grows with the columns alone."""
    transposed = sparse.csr_array(rows.T)
    weighted = sparse.csr_array(rows * weights[:, None])
    diagonal = np.asarray((weighted.multiply(rows)).sum(axis=0)).ravel() + regularisation
    inverse = (1.0 / diagonal)[:, None]
    residual = (sparse.csr_array(weighted.T) @ targets).astype(np.float64)
    found = np.zeros_like(residual)
    least = TOLERANCE**2 * (residual**2).sum(axis=0)
    step = residual * inverse
    size = (residual * step).sum(axis=0)
    for _ in range(MOST_STEPS):
        if ((residual**2).sum(axis=0) <= least).all():
            break
        image = transposed @ (weights[:, None] * (rows @ step)) + regularisation * step
        length = size / np.maximum((step * image).sum(axis=0), 1e-30)
        found += length * step
        residual -= length * image
        improved = residual * inverse
        before, size = size, (residual * improved).sum(axis=0)
        step = improved + (size / np.maximum(before, 1e-30)) * step
    return found.astype(np.float32)
