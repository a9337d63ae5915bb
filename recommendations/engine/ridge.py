"""Ridge regression from sparse rows to vectors, by conjugate gradients: no square matrix of the columns is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
        Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems" (1952), one target a column,
        all at once, preconditioned by the diagonal.
    """
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
