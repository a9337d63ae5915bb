"""What is left of a history when one of its items is taken out: how far back each other event then lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def keep_without(items: NDArray[np.intp], taken_out: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which events are left of a history, then of it without each of some items.

    Args:
        items: oldest first, shape (n_events,).
        taken_out: shape (n_taken_out,).

    Returns:
        Shape (1 + n_taken_out, n_events); the first row is all true.
    """
    whole = np.ones((1, len(items)), np.bool_)
    return np.concatenate((whole, items[None] != taken_out[:, None]))


def decay_without(
    items: NDArray[np.intp], taken_out: NDArray[np.intp], decay: float, reach: int
) -> NDArray[np.float32]:
    """Return what each event counts in a history, then in it without each of some items.

    Args:
        items: oldest first, shape (n_events,).
        taken_out: shape (n_taken_out,).
        decay: what an event's weight is multiplied with for each newer event that is left.
        reach: the newest events left that count.

    Returns:
        decay ** age, 0 for what is taken out or too old, shape (1 + n_taken_out, n_events).
    """
    is_left = keep_without(items, taken_out)
    age = np.cumsum(is_left[:, ::-1], axis=1)[:, ::-1] - 1
    return np.where(is_left & (age < reach), decay ** np.maximum(age, 0.0), 0.0).astype(np.float32)


def newest_needed(items: NDArray[np.intp], taken_out: NDArray[np.intp], reach: int) -> NDArray[np.intp]:
    """Return the newest events, as many as can be among the `reach` newest when one of some items is taken out."""
    most_at_once = max((int((items == item).sum()) for item in taken_out.tolist()), default=0)
    return items[-(reach + most_at_once) :]
