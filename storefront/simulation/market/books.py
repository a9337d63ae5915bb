"""Standing bids: what simulated shoppers would pay for the sizes that interest them, below every ask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.sizes import WHOLE_CENTS, Items, Sizes, in_whole
from storefront.simulation.visits import DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Orders that stand at the end, all of shape (n_orders,): size index, shopper number, cents, epoch seconds."""

    size: NDArray[np.intp]
    shopper: NDArray[np.intp]
    price_cents: NDArray[np.int64]
    placed_s: NDArray[np.float64]
    expires_s: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of orders."""
        return len(self.size)


def draw_bids(
    parameters: MarketParameters,
    items: Items,
    sizes: Sizes,
    n_shoppers: int,
    ends_s: float,
    rng: np.random.Generator,
) -> Standing:
    """Draw the bids that stand, each below its size's lowest ask and placed after its item's release.

    Args:
        parameters: how many, and how far below the worth.
        items: what is looked at more is bid for more.
        sizes: where bids may stand.
        n_shoppers: who bids: shopper 0 to `n_shoppers - 1`.
        ends_s: epoch seconds.
        rng: the only source of chance.
    """
    p = parameters
    expected = p.bids_a_size * np.sqrt(items.interest[sizes.item]) * np.exp(-((p.edge_fading * sizes.edge) ** 2))
    n_of = np.minimum(rng.poisson(expected), p.most_bids_a_size)
    size = np.repeat(np.arange(len(sizes)), n_of)
    n = len(size)
    rank = np.arange(n) - (np.cumsum(n_of) - n_of)[size]
    gap = rng.uniform(*p.first_gap, len(sizes))[size] + rank * rng.exponential(p.next_gap, n)
    price = in_whole(sizes.worth_cents[size] * np.exp(-gap))
    placed_s, expires_s = draw_life(p, n, ends_s, rng)
    placed_s = np.maximum(placed_s, items.released_s[sizes.item[size]])
    bids = Standing(size, rng.integers(0, n_shoppers, n), price, placed_s, expires_s)
    return below_asks(bids, sizes)


def draw_life(
    parameters: MarketParameters, n: int, ends_s: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When `n` orders that stand at the end were placed and will run out, in epoch seconds."""
    days = rng.choice(parameters.expiry_days, n, p=parameters.expiry_weights)
    placed_s = ends_s - days * DAY_S * rng.random(n)
    return placed_s, placed_s + days * DAY_S


def below_asks(bids: Standing, sizes: Sizes) -> Standing:
    """Bids lowered below their size's lowest ask, so that no book is crossed; without those that would be nothing."""
    lowest = np.nan_to_num(sizes.lowest_ask_cents[bids.size], nan=np.inf)
    price = np.minimum(bids.price_cents, lowest - WHOLE_CENTS)
    stands = price >= WHOLE_CENTS
    return Standing(
        bids.size[stands],
        bids.shopper[stands],
        price[stands].astype(np.int64),
        bids.placed_s[stands],
        bids.expires_s[stands],
    )
