"""Past trades: when each item sold in which size, at a price that wandered to where it is now."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.sizes import Items, Sizes, in_whole
from storefront.simulation.visits import DAY_S, HOUR_S, HOURS

WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class PastTrades:
    """Trades, all of shape (n_trades,): the size's index, when in epoch seconds, and the price in cents."""

    size: NDArray[np.intp]
    at_s: NDArray[np.float64]
    price_cents: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of trades."""
        return len(self.size)


def draw_past(
    parameters: MarketParameters, items: Items, sizes: Sizes, ends_s: float, rng: np.random.Generator
) -> PastTrades:
    """Draw who-knows-whose trades up to `ends_s`; none before an item's release, none where it has no size.

    Args:
        parameters: how many, how far back, how prices wander.
        items: the more the simulated shoppers look at one, the oftener it was traded.
        sizes: what each size is worth at the end.
        ends_s: epoch seconds.
        rng: the only source of chance.
    """
    week, item = _when(parameters, items, ends_s, rng)
    levels = _levels(parameters, items, ends_s, rng)
    size = _which_size(parameters, sizes, item, len(items.skus), rng)
    week, item, size = week[size >= 0], item[size >= 0], size[size >= 0]
    at_s = _starts_s(parameters, ends_s) + week * WEEK_S + _within_week_s(len(week), rng)
    happened = (at_s >= items.released_s[item]) & (at_s < ends_s)
    item, size, at_s = item[happened], size[happened], at_s[happened]
    place = (at_s - _starts_s(parameters, ends_s)) / WEEK_S
    whole = place.astype(np.intp)
    log_level = levels[item, whole] + (place - whole) * (levels[item, whole + 1] - levels[item, whole])
    haggled = rng.normal(parameters.haggle, parameters.haggle_spread, len(item))
    return PastTrades(size, at_s, in_whole(sizes.worth_cents[size] * np.exp(log_level + haggled)))


def _starts_s(parameters: MarketParameters, ends_s: float) -> float:
    """A midnight, so that hours of the day are hours."""
    return float(np.ceil(ends_s / DAY_S) * DAY_S - parameters.weeks * WEEK_S)


def _since_release(parameters: MarketParameters, items: Items, ends_s: float) -> NDArray[np.float64]:
    """Weeks since each item's release at the beginning of each week, shape (n_items, weeks + 1)."""
    starts_s = _starts_s(parameters, ends_s) + np.arange(parameters.weeks + 1) * WEEK_S
    weeks: NDArray[np.float64] = (starts_s - items.released_s[:, None]) / WEEK_S
    return weeks


def _when(
    parameters: MarketParameters, items: Items, ends_s: float, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Week and item of each trade: more in the weeks after a release, more of what is looked at more."""
    since = _since_release(parameters, items, ends_s)[:, :-1]
    rush = 1 + parameters.release_rush * np.exp(-np.maximum(since, 0) / parameters.rush_fades_weeks)
    interest = np.maximum(items.interest, parameters.least_interest) ** parameters.interest_power
    expected = np.where(since > -1, parameters.trades_a_week * interest[:, None] * rush, 0.0)
    expected *= min(1.0, parameters.most_trades / max(1.0, float(expected.sum())))
    n_of = rng.poisson(expected)
    item, week = np.nonzero(n_of)
    times = n_of[item, week]
    return np.repeat(week, times), np.repeat(item, times)


def _levels(parameters: MarketParameters, items: Items, ends_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """How far each item's price lay from today's, in logarithms, week by week; shape (n_items, weeks + 1)."""
    p, n_items = parameters, len(items.skus)
    step = (p.spread + p.hype_spread * items.hype)[:, None] * rng.standard_normal((n_items, p.weeks + 1))
    wander = np.empty_like(step)
    wander[:, 0] = step[:, 0]
    for week in range(1, p.weeks + 1):
        wander[:, week] = (1 - p.pull) * wander[:, week - 1] + step[:, week]
    since = np.maximum(_since_release(p, items, ends_s), 0)
    premium = p.release_premium * (items.hype - p.neutral_hype)[:, None] * np.exp(-since / p.premium_fades_weeks)
    path = wander + premium
    levels: NDArray[np.float64] = path - path[:, -1:]
    return levels


def _which_size(
    parameters: MarketParameters,
    sizes: Sizes,
    item: NDArray[np.intp],
    n_items: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """A size of each trade's item, -1 where it has none; each item's shares lie one after another on a line."""
    weight = np.exp(-((parameters.edge_fading * sizes.edge) ** 2))
    total = np.bincount(sizes.item, weights=weight, minlength=n_items)
    ends = np.cumsum(weight / total[sizes.item]) if len(sizes) else np.empty(0)
    has_sizes = total > 0
    begins: NDArray[np.intp] = np.cumsum(has_sizes) - has_sizes
    n_of = np.bincount(sizes.item, minlength=n_items)
    first = np.cumsum(n_of) - n_of
    found = np.searchsorted(ends, begins[item] + rng.random(len(item)), side="right")
    found = np.clip(found, first[item], first[item] + np.maximum(n_of[item], 1) - 1)
    return np.where(has_sizes[item], found, -1).astype(np.intp)


def _within_week_s(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    hour = rng.choice(len(HOURS), n, p=HOURS / HOURS.sum())
    seconds: NDArray[np.float64] = rng.integers(0, 7, n) * DAY_S + hour * HOUR_S + rng.random(n) * HOUR_S
    return seconds
