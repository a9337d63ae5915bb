"""Traffic of a simulated experiment: who sees the homepage when, and what decides what they do with it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.experiments.parameters import EAGERNESS_SHAPE, MOST_EAGER, TrialParameters
from storefront.simulation.parameters import TRIAL_KEY
from storefront.simulation.visits import DAY_S, draw_moments

# A shopper's next view comes within the visit, or on another day.
SAME_VISIT_SHARE = 0.6
MEAN_PAUSE_S = 150.0
MEAN_ABSENCE_S = 2.5 * DAY_S
LATENCY_SPREAD = 0.35
PHONE_SHARE = 0.62


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """Homepage views sorted by time; all of shape (n_views,) but the first two.

    Chance is drawn here and spent later, so that a shopper's behaviour is the same whatever hash decides on the
    variation: what differs between two variations is the planted effect and nothing else.

    Attributes:
        eagerness: factor on each shopper's chance to click, mean 1, shape (n_shoppers,).
        is_on_phone: whether each shopper comes with a phone, shape (n_shoppers,).
        shopper: shopper number.
        visit: number of the visit, counted over all shoppers.
        at_s: epoch seconds.
        took_ms: what the server took for the page.
        fails: whether the page failed.
        click_luck, item_luck, purchase_luck: uniform draws in [0, 1).
    """

    eagerness: NDArray[np.float64]
    is_on_phone: NDArray[np.bool_]
    shopper: NDArray[np.intp]
    visit: NDArray[np.intp]
    at_s: NDArray[np.float64]
    took_ms: NDArray[np.float64]
    fails: NDArray[np.bool_]
    click_luck: NDArray[np.float64]
    item_luck: NDArray[np.float64]
    purchase_luck: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of homepage views."""
        return len(self.at_s)

    def moment_of(self, view: int) -> datetime:
        """When a view happened."""
        return datetime.fromtimestamp(float(self.at_s[view]), UTC)

    def key_of(self, view: int) -> str:
        """The shopper key of a view."""
        return f"{TRIAL_KEY}{int(self.shopper[view]) + 1:05d}"


def draw_traffic(parameters: TrialParameters, *, starts_s: float) -> Traffic:
    """Draw every homepage view of an experiment's days.

    Args:
        parameters: who comes, how often; its seed is the only source of chance.
        starts_s: start of the experiment, epoch seconds.
    """
    rng = np.random.default_rng((parameters.seed, 3))
    n, ends_s = parameters.n_shoppers, starts_s + parameters.days * DAY_S
    eagerness = MOST_EAGER * rng.beta(*EAGERNESS_SHAPE, n)
    first_s = draw_moments(np.full(n, starts_s), starts_s, ends_s, rng)
    n_views = rng.geometric(1 / parameters.views_per_shopper, n)
    shopper = np.repeat(np.arange(n), n_views)
    opens = np.concatenate(([0], np.cumsum(n_views)[:-1]))
    stays = rng.random(len(shopper)) < SAME_VISIT_SHARE
    pause_s = np.where(
        stays, rng.exponential(MEAN_PAUSE_S, len(shopper)), rng.exponential(MEAN_ABSENCE_S, len(shopper))
    )
    stays[opens], pause_s[opens] = False, 0.0
    elapsed_s = np.cumsum(pause_s)
    at_s = first_s[shopper] + elapsed_s - np.repeat(elapsed_s[opens], n_views)
    order = np.argsort(at_s, kind="stable")
    order = order[at_s[order] < ends_s]
    n_kept = len(order)
    return Traffic(
        eagerness=eagerness,
        is_on_phone=rng.random(n) < PHONE_SHARE,
        shopper=shopper[order],
        visit=np.cumsum(~stays)[order],
        at_s=at_s[order],
        took_ms=parameters.page_ms * rng.lognormal(0.0, LATENCY_SPREAD, n_kept),
        fails=rng.random(n_kept) < parameters.page_error_share,
        click_luck=rng.random(n_kept),
        item_luck=rng.random(n_kept),
        purchase_luck=rng.random(n_kept),
    )
