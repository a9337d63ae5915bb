"""Visits: when each shopper is in the shop, and when each view of a session happens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.parameters import Parameters

DAY_S = 86_400
HOUR_S = 3_600
# Share of a day's visits by hour (UTC) and of a week's by day, Monday first.
HOURS = np.array([3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 7, 6, 5, 5, 6, 7, 8, 10, 11, 10, 8, 5], float)
WEEKDAYS = np.array([0.92, 0.9, 0.93, 0.98, 1.05, 1.15, 1.07])
# 1 January 1970 was a Thursday.
EPOCH_WEEKDAY = 3
LONGEST_DWELL_S = 240.0
# A session of the greatest length, dwelt on to the limit, ends before the next may start.
LEAST_GAP_S = 2 * HOUR_S


@dataclass(frozen=True, slots=True, eq=False)
class Rushes:
    """Sessions that begin with one awaited item: shopper index, epoch seconds, item index; all of shape (n,)."""

    shopper: NDArray[np.intp]
    opens_s: NDArray[np.float64]
    item: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Every view's shopper, session and time, sorted by shopper, then time; all of shape (n_views,).

    Attributes:
        shopper: shopper index.
        session: session number, counted over all shoppers.
        at_s: epoch seconds.
        dwell_s: seconds until the shopper looks at something else.
        opens: whether the view is the first of its session.
        aim: the item that the shopper came for and looks at now, -1 for whatever appeals.
    """

    shopper: NDArray[np.intp]
    session: NDArray[np.intp]
    at_s: NDArray[np.float64]
    dwell_s: NDArray[np.float64]
    opens: NDArray[np.bool_]
    aim: NDArray[np.intp]

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.shopper)


def draw_visits(
    parameters: Parameters, rushes: Rushes, starts_s: float, ends_s: float, rng: np.random.Generator
) -> Visits:
    """Draw all sessions of all shoppers between two moments, by the rhythm of day and week and by drops.

    Args:
        parameters: how many sessions, how long.
        rushes: sessions that drops add.
        starts_s: start of the window, epoch seconds.
        ends_s: end of the window; nothing happens at or after it.
        rng: the only source of chance.
    """
    n = parameters.n_shoppers
    activity = rng.gamma(parameters.activity_shape, 1 / parameters.activity_shape, n)
    days_share = parameters.days / 90
    n_sessions = 1 + rng.poisson(parameters.sessions_per_shopper * days_share * activity)
    shopper = np.repeat(np.arange(n), n_sessions)
    is_new = rng.random(n) < parameters.newcomer_share
    joins_s = np.where(is_new, rng.uniform(starts_s, ends_s - DAY_S, n), starts_s)
    aim = np.concatenate((np.full(len(shopper), -1), rushes.item))
    opens_s = np.concatenate((draw_moments(joins_s[shopper], starts_s, ends_s, rng), rushes.opens_s))
    shopper = np.concatenate((shopper, rushes.shopper))
    order = np.lexsort((opens_s, shopper))
    shopper, opens_s, aim = shopper[order], opens_s[order], aim[order]
    apart = np.ones(len(shopper), np.bool_)
    apart[1:] = (np.diff(shopper) != 0) | (np.diff(opens_s) >= LEAST_GAP_S)
    return _views_of(parameters, shopper[apart], opens_s[apart], aim[apart], ends_s, rng)


def draw_moments(
    joins_s: NDArray[np.float64], starts_s: float, ends_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """One moment after each `joins_s`, drawn from the rhythm by its inverse distribution."""
    edges = np.arange(np.floor(starts_s / HOUR_S), np.ceil(ends_s / HOUR_S) + 1) * HOUR_S
    hours = (edges[:-1] / HOUR_S).astype(np.int64)
    weight = HOURS[hours % 24] * WEEKDAYS[(hours // 24 + EPOCH_WEEKDAY) % 7]
    total = np.concatenate(([0.0], np.cumsum(weight)))
    low = np.interp(joins_s, edges, total)
    high = np.interp(ends_s, edges, total)
    moments: NDArray[np.float64] = np.interp(low + rng.random(len(joins_s)) * (high - low), total, edges)
    return moments


def _views_of(
    parameters: Parameters,
    shopper: NDArray[np.intp],
    opens_s: NDArray[np.float64],
    aim: NDArray[np.intp],
    ends_s: float,
    rng: np.random.Generator,
) -> Visits:
    length = np.minimum(rng.geometric(1 / parameters.views_per_session, len(shopper)), parameters.longest_session)
    session = np.repeat(np.arange(len(shopper)), length)
    first = np.concatenate(([0], np.cumsum(length)[:-1]))
    dwell = np.minimum(parameters.dwell_median_s * rng.lognormal(0, 0.8, len(session)) + 2, LONGEST_DWELL_S)
    elapsed = np.cumsum(dwell) - dwell
    at_s = opens_s[session] + elapsed - elapsed[first][session]
    opens = np.zeros(len(session), np.bool_)
    opens[first] = True
    aims = np.where(opens | (rng.random(len(session)) < parameters.rush_revisit_share), aim[session], -1)
    inside = at_s + dwell < ends_s
    return Visits(shopper[session][inside], session[inside], at_s[inside], dwell[inside], opens[inside], aims[inside])
