"""The market's sizes: every variant of what is out, as columns, grouped by item."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WHOLE_CENTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What is traded; all of shape (n_items,).

    Attributes:
        skus: ascending.
        released_s: epoch seconds.
        hype: 0..1.
        interest: looks of the simulated shoppers, in multiples of the mean; 1 where nobody looked at anything.
    """

    skus: tuple[str, ...]
    released_s: NDArray[np.float64]
    hype: NDArray[np.float64]
    interest: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Every size of every item; all of shape (n_sizes,), in the order of the items, then of the sizes.

    Attributes:
        variant_id: the rows' ids.
        item: index into the items, ascending.
        edge: how far from the middle of its item's sizes, 0..1.
        worth_cents: what one costs now: its lowest ask, else what the item's other sizes ask on average.
        lowest_ask_cents: NaN where nobody asks.
    """

    variant_id: NDArray[np.int64]
    item: NDArray[np.intp]
    edge: NDArray[np.float64]
    worth_cents: NDArray[np.float64]
    lowest_ask_cents: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of sizes."""
        return len(self.variant_id)


def build_sizes(
    variant_id: NDArray[np.int64],
    item: NDArray[np.intp],
    lowest_ask_cents: NDArray[np.float64],
    retail_cents: NDArray[np.float64],
) -> Sizes:
    """Fill in what the rows do not say.

    Args:
        variant_id, item, lowest_ask_cents: as in `Sizes`.
        retail_cents: each size's item's retail price, for items that nobody asks for; shape (n_sizes,).
    """
    n_items = int(item[-1]) + 1 if len(item) else 0
    n_of = np.bincount(item, minlength=n_items)
    first = np.concatenate(([0], np.cumsum(n_of)[:-1])) if n_items else np.empty(0, np.intp)
    middle = np.maximum(n_of - 1, 1) / 2
    place = np.arange(len(item)) - first[item]
    edge = np.where(n_of[item] > 1, np.abs(place - middle[item]) / middle[item], 0.0)
    is_asked = ~np.isnan(lowest_ask_cents)
    asks = np.bincount(item, weights=np.nan_to_num(lowest_ask_cents), minlength=n_items)
    mean = asks / np.maximum(np.bincount(item, weights=is_asked, minlength=n_items), 1)
    usual = np.where(mean[item] > 0, mean[item], retail_cents)
    return Sizes(variant_id, item, edge, np.where(is_asked, lowest_ask_cents, usual), lowest_ask_cents)


def cheapest(sizes: Sizes, n_items: int) -> NDArray[np.intp]:
    """The size of each item that asks least, the first of several; -1 where nobody asks. Shape (n_items,)."""
    asked = np.nan_to_num(sizes.lowest_ask_cents, nan=np.inf)
    order = np.lexsort((np.arange(len(sizes)), asked, sizes.item))
    found = np.full(n_items, -1, np.intp)
    items, first = np.unique(sizes.item[order], return_index=True)
    found[items] = order[first]
    return np.where((found >= 0) & np.isfinite(asked[found]), found, -1)


def in_whole(cents: NDArray[np.float64]) -> NDArray[np.int64]:
    """Prices as people name them: in whole units, at least one."""
    return np.maximum(np.round(cents / WHOLE_CENTS), 1).astype(np.int64) * WHOLE_CENTS
