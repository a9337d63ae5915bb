"""Behaviour on a simulated experiment's homepage: which view is clicked, in which row, at which rank, and bought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.traffic import Traffic

# How attention fades along a row, and how many of its cards come into view at once.
FADING = 0.8
CARDS_IN_VIEW = 3


@dataclass(frozen=True, slots=True, eq=False)
class Behaviour:
    """What each view led to; all of shape (n_views,).

    Attributes:
        clicks_second: a click on the second row.
        clicks_other: a click on the first row instead.
        rank: which card of that row, from 1.
        buys: the click ended in a purchase.
    """

    clicks_second: NDArray[np.bool_]
    clicks_other: NDArray[np.bool_]
    rank: NDArray[np.intp]
    buys: NDArray[np.bool_]


def behave(parameters: TrialParameters, traffic: Traffic, is_treated: NDArray[np.bool_]) -> Behaviour:
    """Spend the traffic's chance.

    Args:
        parameters: the chances, and the effect that is planted.
        traffic: every homepage view.
        is_treated: whether each view shows the treatment, shape (n_views,).
    """
    eagerness = traffic.eagerness[traffic.shopper]
    won = np.where(is_treated, parameters.planted_effect * parameters.page_ctr, 0.0)
    second = eagerness * (parameters.second_row_ctr + won)
    other = eagerness * parameters.other_rows_ctr
    clicks_other = (traffic.click_luck < other) & ~traffic.fails
    clicks_second = (traffic.click_luck >= other) & (traffic.click_luck < other + second) & ~traffic.fails
    buys = (clicks_other | clicks_second) & (traffic.purchase_luck < parameters.purchase_share)
    return Behaviour(clicks_second, clicks_other, _ranks(traffic.item_luck), buys)


def _ranks(luck: NDArray[np.float64]) -> NDArray[np.intp]:
    """Ranks 1 to `CARDS_IN_VIEW`, each `FADING` times as likely as the one before."""
    weights = FADING ** np.arange(CARDS_IN_VIEW)
    return 1 + np.searchsorted(np.cumsum(weights / weights.sum()), luck, side="right").clip(max=CARDS_IN_VIEW - 1)
