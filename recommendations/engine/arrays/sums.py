"""Sums of values by key, at a cost that follows the number of values and not that of possible keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# So many possible keys are looked over in the time that sorting one value takes.
KEYS_PER_VALUE = 16


def distinct_keys(keys: NDArray[np.integer], n_keys: int) -> NDArray[np.intp]:
    """Return the keys that occur, ascending.

    Args:
        keys: 0 .. n_keys - 1, shape (n,).
        n_keys: how many keys are possible.
    """
    if n_keys <= KEYS_PER_VALUE * len(keys):
        is_there = np.zeros(n_keys, np.bool_)
        is_there[keys] = True
        found: NDArray[np.intp] = np.flatnonzero(is_there)
        return found
    ordered = np.sort(keys)
    return ordered[_are_first(ordered)].astype(np.intp, copy=False)


def sum_by_key(
    keys: NDArray[np.integer], values: NDArray[np.floating], n_keys: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the keys that occur, ascending, and the sum of each one's values.

    Values are added in their order and in double precision, so that the sums are those of `np.bincount` to the last
    bit.

    Args:
        keys: 0 .. n_keys - 1, shape (n,).
        values: shape (n,).
        n_keys: how many keys are possible.
    """
    if n_keys <= KEYS_PER_VALUE * len(keys):
        found = distinct_keys(keys, n_keys)
        sums = np.asarray(np.bincount(keys, values, n_keys)[found], np.float64)
        return found, sums
    # Sorting numbers that carry their place is several times faster than sorting places by number.
    n_bits = len(keys).bit_length()
    placed = keys.astype(np.int64) << n_bits
    placed |= np.arange(len(keys))
    placed.sort()
    ordered = placed >> n_bits
    is_first = _are_first(ordered)
    placed &= (1 << n_bits) - 1
    # The first key is numbered 1.
    of_each = np.bincount(np.cumsum(is_first), values.take(placed))[1:]
    return ordered[is_first].astype(np.intp, copy=False), np.asarray(of_each, np.float64)


def _are_first(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which of some ascending keys differ from the one before."""
    is_first = np.empty(len(ordered), np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first
