"""Why an item is in a list: how far its score falls when something is taken out of the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Different items of a history that an explanation tries: each costs a request, and older ones pull little.
MOST_TAKEN_OUT = 10
# Sums of single precision differ by this share for the order that they were added in, which is no reason.
ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far an item's score falls when one item is taken out of the history."""

    item_id: str
    amount: float


def newest_distinct(items: NDArray[np.intp], most: int = MOST_TAKEN_OUT) -> NDArray[np.intp]:
    """Return the different items of a history, newest first, at most `most` of them."""
    return np.array(list(dict.fromkeys(items[::-1].tolist()))[:most], np.intp)


def contributions(taken_out: Sequence[str], scores: NDArray[np.float32], n: int) -> list[Contribution]:
    """Return which take-outs let one item's score fall, greatest fall first; equal ones by id.

    Args:
        taken_out: what was taken out each time, length n_taken_out.
        scores: the item's score with everything, then with each taken out, shape (1 + n_taken_out,).
        n: the most to return.
    """
    drops = scores[0].astype(np.float64) - scores[1:]
    least = ROUNDING * abs(float(scores[0]))
    found = [Contribution(name, drop) for name, drop in zip(taken_out, drops.tolist(), strict=True) if drop > least]
    return sorted(found, key=lambda each: (-each.amount, each.item_id))[:n]
