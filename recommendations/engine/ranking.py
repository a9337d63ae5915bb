"""The best few of many scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def top_k(scores: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Return the indices of the k greatest scores above 0, best first; equal scores in index order.

    Args:
        scores: shape (n_items,).
        k: the most indices to return, at least 1.
        allowed: shape (n_items,); all by default.

    Returns:
        At most k indices; fewer when fewer scores are allowed and above 0.
    """
    # Most scores are often 0, and selecting among very many equal values is slow.
    best = np.flatnonzero(scores > 0)
    if allowed is not None:
        best = best[allowed[best]]
    values = scores[best]
    if k < len(best):
        least = np.partition(values, len(values) - k)[len(values) - k]
        best, values = best[values >= least], values[values >= least]
    return best[np.argsort(-values, kind="stable")][:k]
