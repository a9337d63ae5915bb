"""Every number of the simulation, named, with what it means."""

from dataclasses import dataclass
from typing import Literal

Size = Literal["small", "medium"]
SHOPPERS: dict[Size, int] = {"small": 500, "medium": 5_000}
# What the keys of simulated people and of simulated bots start with; nobody else's do.
SIMULATED_KEY = "sim-"
BOT_KEY = "bot-"
# What the keys of the simulated experiment's shoppers start with; no campaign is trained on them.
TRIAL_KEY = "trial-"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What decides a simulated world; equal parameters over an equal shelf give an equal clickstream.

    Shares are 0..1. Sharpness multiplies a taste drawn from a standard normal before it enters a choice: 0 makes every
    shopper choose alike, 2 makes most shoppers loyal.
    """

    n_shoppers: int
    seed: int = 1
    days: int = 90

    sessions_per_shopper: float = 10.8
    activity_shape: float = 1.6
    views_per_session: float = 7.0
    longest_session: int = 25
    newcomer_share: float = 0.25
    dwell_median_s: float = 38.0

    brand_sharpness: float = 1.3
    category_sharpness: float = 1.2
    theme_sharpness: float = 0.5
    attribute_sharpness: float = 0.6
    hype_sharpness: float = 0.8
    release_bump: float = 1.5
    release_bump_days: float = 12.0

    # Momentum: the next view keeps the theme, moves to a neighbouring one (same brand or same category), or jumps.
    stay_share: float = 0.88
    neighbour_share: float = 0.5
    resume_share: float = 0.3
    revisit_share: float = 0.36
    # A revisit rather goes to what was seen a moment ago: the log weight of the newest, and its fading in views.
    recency: float = 2.0
    recency_views: float = 10.0
    # How much a theme loses, in log weight, once the shopper has seen all of it.
    boredom: float = 3.0

    # The share of all shoppers that a drop of medium hype draws, and what its rush does to deeds.
    rush_share: float = 0.02
    rush_revisit_share: float = 0.2
    rush_eagerness: float = 5.0
    # Bots are this share of the people and come on top of them.
    bot_share: float = 0.015
    views_per_bot: float = 750.0

    row_click_share: float = 0.22
    search_click_share: float = 0.11
    watch_share: float = 0.07
    bid_share: float = 0.028
    purchase_share: float = 0.013
    ask_share: float = 0.004
    hide_share: float = 0.004
    return_share: float = 0.07
    resale_share: float = 0.2

    @property
    def chosen(self) -> dict[str, int]:
        """What tells one simulation of a release of this code from another."""
        return {"n_shoppers": self.n_shoppers, "seed": self.seed, "days": self.days}
