"""Deeds: what views lead to; clicks, watches, bids, asks, purchases, returns and hides."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.browsing import Views
from storefront.simulation.market.sizes import in_whole
from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import Tastes
from storefront.simulation.visits import DAY_S, Visits

# By code, in the order of the funnel.
EVENT_TYPES = (
    "product_view",
    "row_click",
    "search_click",
    "watch",
    "bid",
    "ask",
    "purchase",
    "return",
    "hide",
)
VIEW, ROW_CLICK, SEARCH_CLICK, WATCH, BID, ASK, PURCHASE, RETURN, HIDE = range(len(EVENT_TYPES))
RETURN_AFTER_DAYS = (3.0, 21.0)
RESALE_AFTER_DAYS = (5.0, 40.0)


@dataclass(frozen=True, slots=True, eq=False)
class Deeds:
    """Interactions of one kind: the view each follows, when, and at what price in cents (NaN where none)."""

    code: int
    view: NDArray[np.intp]
    at_s: NDArray[np.float64]
    value_cents: NDArray[np.float64]


def draw_deeds(
    parameters: Parameters, shelf: Shelf, tastes: Tastes, visits: Visits, views: Views, rng: np.random.Generator
) -> list[Deeds]:
    """Draw everything that follows from the views; the views themselves come first.

    A liked product is watched, bid for and bought more often, and each rung makes the next likelier: a bid mostly
    follows a watch, a purchase mostly a bid or a watch; in a drop's rush all of it comes oftener. Nobody buys the
    same product twice.
    """
    p, n = parameters, len(visits)
    eager = np.clip(np.exp(0.5 * views.liking), 0.2, 4.0)
    eager /= eager.mean()
    rush = np.where(visits.aim >= 0, p.rush_eagerness, 1.0)
    spends = eager * tastes.spending[visits.shopper] * rush
    clicks = rng.random(n)
    from_search = clicks < np.where(visits.opens, 3 * p.search_click_share, 0.65 * p.search_click_share)
    from_row = ~from_search & (clicks < p.row_click_share + p.search_click_share)
    watches = (rng.random(n) < p.watch_share * eager) & ~views.is_repeat
    followed = _ever(watches, visits, views, shelf)
    bids = rng.random(n) < p.bid_share * spends * np.where(followed, 3.0, 0.5)
    asked_for = followed | _ever(bids, visits, views, shelf)
    buys = rng.random(n) < p.purchase_share * spends * np.where(asked_for, 3.0, 0.4)
    buys = _first_only(buys, visits, views, shelf)
    sells = rng.random(n) < p.ask_share
    hides = (rng.random(n) < p.hide_share * np.clip(np.exp(-views.liking), 0, 5)) & ~watches & ~bids & ~buys
    price = shelf.price_cents[views.item]
    deeds = [
        _deeds(VIEW, np.ones(n, np.bool_), visits, 0.0),
        _deeds(ROW_CLICK, from_row, visits, 0.0),
        _deeds(SEARCH_CLICK, from_search, visits, 0.0),
        _deeds(WATCH, watches, visits, 0.3),
        _deeds(BID, bids, visits, 0.5, in_whole(price * rng.uniform(0.75, 0.98, n))),
        _deeds(ASK, sells, visits, 0.6, in_whole(price * rng.uniform(1.0, 1.3, n))),
        _deeds(PURCHASE, buys, visits, 0.8, price),
        _deeds(HIDE, hides, visits, 0.9),
    ]
    bought = deeds[PURCHASE]
    deeds.append(_later(RETURN, bought, p.return_share, RETURN_AFTER_DAYS, rng))
    resold = _later(ASK, bought, p.resale_share, RESALE_AFTER_DAYS, rng, markup=(1.0, 1.4))
    return [*deeds, replace(resold, value_cents=in_whole(resold.value_cents).astype(np.float64))]


def _deeds(
    code: int,
    happens: NDArray[np.bool_],
    visits: Visits,
    dwell_share: float,
    value: NDArray[np.float64 | np.int64] | None = None,
) -> Deeds:
    """Deeds at a share of the time that the shopper spends on the page, so that they keep the funnel's order."""
    view = np.flatnonzero(happens)
    cents = np.full(len(view), np.nan) if value is None else np.round(value[view]).astype(np.float64)
    return Deeds(code, view, visits.at_s[view] + dwell_share * visits.dwell_s[view], cents)


def _later(
    code: int,
    bought: Deeds,
    share: float,
    after_days: tuple[float, float],
    rng: np.random.Generator,
    markup: tuple[float, float] = (1.0, 1.0),
) -> Deeds:
    """Deeds that follow some purchases days later."""
    happens = rng.random(len(bought.view)) < share
    delay_s = rng.uniform(*after_days, len(bought.view)) * DAY_S
    cents = np.round(bought.value_cents * rng.uniform(*markup, len(bought.view)))
    return Deeds(code, bought.view[happens], (bought.at_s + delay_s)[happens], cents[happens])


def _pairs(visits: Visits, views: Views, shelf: Shelf) -> NDArray[np.int64]:
    return visits.shopper.astype(np.int64) * shelf.n_items + views.item


def _ever(happens: NDArray[np.bool_], visits: Visits, views: Views, shelf: Shelf) -> NDArray[np.bool_]:
    """Whether the shopper has done it to this item by this view; views are in each shopper's order."""
    pair = _pairs(visits, views, shelf)
    order = np.argsort(pair, kind="stable")
    done = np.cumsum(happens[order])
    opens = np.ones(len(pair), np.bool_)
    opens[1:] = np.diff(pair[order]) != 0
    before = np.maximum.accumulate(np.where(opens, done - happens[order], 0))
    answer = np.empty(len(pair), np.bool_)
    answer[order] = done > before
    return answer


def _first_only(happens: NDArray[np.bool_], visits: Visits, views: Views, shelf: Shelf) -> NDArray[np.bool_]:
    rows = np.flatnonzero(happens)
    _, first = np.unique(_pairs(visits, views, shelf)[rows], return_index=True)
    answer = np.zeros(len(happens), np.bool_)
    answer[rows[first]] = True
    return answer
