"""Which item comes how soon after which: counted once, for rules and for vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Counts: TypeAlias = "sparse.csr_array[np.float32]"


def count_pairs(
    users: NDArray[np.int32],
    items: NDArray[np.int32],
    n_items: int,
    window: int,
    weights: NDArray[np.float32] | None = None,
    on_distance: Callable[[int], None] | None = None,
) -> Counts:
    """Sums of weight / distance over all pairs of one user's events, row the earlier item.

    Args:
        users: of each event, sorted by user and time, shape (n_rows,).
        items: of each event, shape (n_rows,).
        n_items: of the catalogue.
        window: the greatest distance of a pair, in events.
        weights: of each event as the later one of a pair, shape (n_rows,); 1 by default.
        on_distance: told each distance before its pairs are counted.

    Returns:
        Shape (n_items, n_items).
    """
    shape = (n_items, n_items)
    counts = sparse.csr_array(shape, dtype=np.float32)
    for distance in range(1, min(window, len(items) - 1) + 1):
        if on_distance is not None:
            on_distance(distance)
        same_user = users[:-distance] == users[distance:]
        earlier, later = items[:-distance][same_user], items[distance:][same_user]
        if weights is None:
            shares = np.full(len(earlier), 1.0 / distance, np.float32)
        else:
            shares = (weights[distance:][same_user] / distance).astype(np.float32)
        counts = counts + sparse.csr_array((shares, (earlier, later)), shape=shape)
    return cast("Counts", counts)
