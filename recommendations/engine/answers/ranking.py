"""The best few of many scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Scores are laid out in so many rows: k of the columns' greatest ones are k scores, and hardly below the k best.
N_ROWS = 64


def top_k(scores: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Return the indices of the k greatest scores above 0, best first; equal scores in index order.

    Args:
        scores: shape (n_items,).
        k: the most indices to return, at least 1.
        allowed: shape (n_items,); all by default.

    Returns:
        At most k indices; fewer when fewer scores are allowed and above 0.
    """
    usable = scores if allowed is None else scores * allowed
    # Most scores are often 0, and selecting among very many values, or many equal ones, is slow.
    least = _lower_bound(usable, k)
    best = np.flatnonzero(usable >= least) if least > 0 else np.flatnonzero(usable > 0)
    values = scores[best]
    if k < len(best):
        least = np.partition(values, len(values) - k)[len(values) - k]
        best, values = best[values >= least], values[values >= least]
    return best[np.argsort(-values, kind="stable")][:k]


def _lower_bound(scores: NDArray[np.float32], k: int) -> float:
    """A number that at least k scores reach, and few more; 0 where finding one would not pay."""
    n_columns = len(scores) // N_ROWS
    if n_columns <= 2 * k:
        return 0.0
    greatest = scores[: n_columns * N_ROWS].reshape(N_ROWS, n_columns).max(axis=0)
    return float(np.partition(greatest, n_columns - k)[n_columns - k])
