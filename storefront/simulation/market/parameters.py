"""Every number of the simulated market, named, with what it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarketParameters:
    """What decides the past trades and the standing books; equal parameters over an equal shop give equal ones.

    Prices are told in logarithms: 0.1 is about a tenth. `worth` is what a size costs now.
    """

    seed: int = 1

    # Past trades: how far back, how many an item of middling interest has a week, and how much interest counts.
    weeks: int = 104
    trades_a_week: float = 1.6
    interest_power: float = 0.7
    # Also what nobody looked at lately was traded now and then.
    least_interest: float = 0.2
    most_trades: int = 200_000
    # The first weeks after a release see more of them.
    release_rush: float = 4.0
    rush_fades_weeks: float = 3.0
    # Which sizes: those at the ends sell less.
    edge_fading: float = 1.1

    # A price wanders about its level: pull back a week, spread a week, and how much more the hyped spread.
    pull: float = 0.08
    spread: float = 0.022
    hype_spread: float = 0.03
    # The wanted come out dearer than they settle, the unloved cheaper; it fades.
    release_premium: float = 0.6
    neutral_hype: float = 0.35
    premium_fades_weeks: float = 8.0
    # A trade is made a little below the lowest ask, more or less.
    haggle: float = -0.03
    haggle_spread: float = 0.035

    # Standing bids a size of middling interest has, and how they lie below its worth.
    bids_a_size: float = 2.4
    most_bids_a_size: int = 8
    first_gap: tuple[float, float] = (0.02, 0.1)
    next_gap: float = 0.03
    expiry_days: tuple[int, ...] = (3, 7, 14, 30)
    expiry_weights: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4)
