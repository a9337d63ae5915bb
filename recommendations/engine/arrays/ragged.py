"""Rows of unequal length kept end to end, as in a CSR matrix: gathering many of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gather(starts: NDArray[np.int64], rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the positions of all entries of some rows, and the length of each row.

    Args:
        starts: row r has the entries starts[r]:starts[r + 1]; shape (n_rows + 1,).
        rows: the wanted rows, shape (n,).

    Returns:
        Positions, row after row, shape (sum of lengths,), and lengths, shape (n,).
    """
    first = starts[rows]
    lengths = starts[rows + 1] - first
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first - (ends - lengths), lengths), lengths


def top_entries_per_row(
    starts: NDArray[np.int64], values: NDArray[np.float32], limit: int
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the positions of each row's `limit` greatest values, greatest first, and the new row starts.

    Args:
        starts: shape (n_rows + 1,).
        values: shape (n_entries,).
        limit: the most entries to keep in a row.
    """
    lengths = np.diff(starts)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    # Stable, so that equal values keep their order and two trainings write the same bytes.
    order = np.lexsort((-values, rows))
    rank = np.arange(len(values)) - np.repeat(starts[:-1], lengths)
    kept = order[rank < limit]
    return kept, np.concatenate(([0], np.cumsum(np.minimum(lengths, limit)))).astype(np.int64)
