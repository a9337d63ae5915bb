"""What Amazon Personalize costs: prices, what a training and a campaign come to, and a month of nights."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

from recommendations.exceptions import InvalidInput

HOURS_A_MONTH = 730.0
HOURS_A_DAY = 24
BYTES_A_GB = 1_000_000_000
# Two trainings whose bill is known, as interactions and billed hours (an hour is 4 vCPU and 8 GiB, so that a short
# training on a large machine bills more hours than it lasts). Source: "PersonalizeCheatSheet2.0.md",
# aws-samples/amazon-personalize-samples.
KNOWN_TRAININGS = ((100_000, 2.1), (25_000_000, 53.9))
# Both recipes that have prices of their own end so.
V2 = "-v2"


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for one unit of each thing that is billed; a volume discount is left out.

    Attributes:
        gb: a gigabyte imported or sent as events.
        training_hour: a training hour of every recipe but those called v2.
        tps_hour: an hour of one request a second, the least a campaign costs (0.0556 for a thousand requests).
        v2_million_interactions: a million interactions that a v2 recipe is trained on.
        v2_thousand_requests: a thousand requests to a campaign of a v2 recipe.
    """

    gb: float = 0.05
    training_hour: float = 0.24
    tps_hour: float = 0.20
    v2_million_interactions: float = 2.0
    v2_thousand_requests: float = 0.15

    @classmethod
    def parse(cls, given: Mapping[str, float]) -> Self:
        """Return the prices with some of them replaced.

        Raises:
            InvalidInput: there is no such price, or it is no amount; the message lists those there are.
        """
        names = [each.name for each in fields(cls)]
        for name, usd in given.items():
            if name not in names:
                raise InvalidInput(f"price {name!r} is unknown; use one of: {', '.join(names)}.")
            if not (math.isfinite(usd) and usd >= 0):
                raise InvalidInput(f"price {name} == {usd!r}; give US dollars, 0 or more.")
        return replace(cls(), **given)


PRICES = Prices()


def training_hours(n_interactions: int) -> float:
    """Estimate the hours that a training is billed for, at least one.

    A power of the number of interactions, through the two bills of `KNOWN_TRAININGS`. Columns of metadata add to it.
    """
    (small, small_h), (large, large_h) = KNOWN_TRAININGS
    exponent = math.log(large_h / small_h) / math.log(large / small)
    return max(1.0, small_h * math.pow(max(n_interactions, 1) / small, exponent))


def training_usd(n_interactions: int, recipe: str, prices: Prices = PRICES) -> float:
    """Estimate what one training costs.

    Args:
        n_interactions: that it learns from.
        recipe: Amazon Personalize's name.
        prices: of a unit.
    """
    if recipe.endswith(V2):
        return n_interactions / 1_000_000 * prices.v2_million_interactions
    return training_hours(n_interactions) * prices.training_hour


def import_usd(n_bytes: int, prices: Prices = PRICES) -> float:
    """Return what importing so many bytes costs."""
    return n_bytes / BYTES_A_GB * prices.gb


def tps_usd(recipe: str, prices: Prices = PRICES) -> float:
    """Return what one request a second costs for an hour."""
    return prices.v2_thousand_requests * 3.6 if recipe.endswith(V2) else prices.tps_hour


def billed_tps(mean: float, *, peak_ratio: float = 1.0, min_tps: float = 1.0) -> float:
    """Return the mean of what is billed over a day: each window's traffic, or the least where it is below that.

    Args:
        mean: requests a second over the whole day.
        peak_ratio: the busiest hour's traffic by the mean, 1 to 2; a day rises and falls as a sine.
        min_tps: what the campaign provides at least.

    Raises:
        InvalidInput: a number is out of range.
    """
    if not 1 <= peak_ratio <= 2:
        raise InvalidInput(f"peak_ratio == {peak_ratio!r}; give 1 (as busy at night) to 2 (nobody at night).")
    if mean < 0 or min_tps < 1:
        raise InvalidInput(f"mean == {mean!r}, min_tps == {min_tps!r}; give 0 or more, and 1 or more.")
    hourly = (mean * (1 + (peak_ratio - 1) * math.sin(2 * math.pi * hour / HOURS_A_DAY)) for hour in range(HOURS_A_DAY))
    return sum(max(min_tps, tps) for tps in hourly) / HOURS_A_DAY


@dataclass(frozen=True, slots=True)
class Plan:
    """A rotation's month on Amazon Personalize.

    Attributes:
        recipe: Amazon Personalize's name.
        n_interactions: that each training learns from.
        n_bytes: of the files that each retrain imports.
        n_retrains: in the month.
        requests_per_s: lists asked for, a second, over the whole month.
        peak_ratio: the busiest hour's traffic by the mean, 1 to 2.
        min_tps: what a campaign provides at least, and bills.
        overlap_h: hours that a retrain's campaign exists beside the one it replaces.
        n_events: sent to the trackers in the month, each counted once for each tracker that takes it.
        bytes_an_event: of one of those.
    """

    recipe: str
    n_interactions: int
    n_bytes: int
    n_retrains: float = 30.0
    requests_per_s: float = 0.0
    peak_ratio: float = 1.0
    min_tps: float = 1.0
    overlap_h: float = 1.0
    n_events: int = 0
    bytes_an_event: int = 250


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an estimate; `usd` is for the whole quantity."""

    what: str
    quantity: float
    unit: str
    usd: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a month comes to, line by line."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        return sum(line.usd for line in self.lines)


def estimate_month(plan: Plan, prices: Prices = PRICES) -> Estimate:
    """Estimate a month of a rotation's nights and of its live campaign.

    Raises:
        InvalidInput: a number of the plan is out of range.
    """
    for each in fields(plan):
        value = getattr(plan, each.name)
        if not isinstance(value, str) and not (math.isfinite(value) and value >= 0):
            raise InvalidInput(f"{each.name} == {value!r}; give a number, 0 or more.")
    return Estimate(tuple(_lines(plan, prices)))


def _lines(plan: Plan, prices: Prices) -> Iterator[Line]:
    imported = plan.n_retrains * plan.n_bytes
    yield Line("imports", imported / BYTES_A_GB, "GB", import_usd(round(imported), prices))
    streamed = plan.n_events * plan.bytes_an_event
    yield Line("events", streamed / BYTES_A_GB, "GB", import_usd(streamed, prices))
    trained = plan.n_retrains * training_usd(plan.n_interactions, plan.recipe, prices)
    if plan.recipe.endswith(V2):
        yield Line("trainings", plan.n_retrains * plan.n_interactions / 1_000_000, "million interactions", trained)
    else:
        yield Line("trainings", plan.n_retrains * training_hours(plan.n_interactions), "training hours", trained)
    rate = tps_usd(plan.recipe, prices)
    tps = billed_tps(plan.requests_per_s, peak_ratio=plan.peak_ratio, min_tps=plan.min_tps)
    yield Line("the live campaign", tps * HOURS_A_MONTH, "TPS-hours", tps * HOURS_A_MONTH * rate)
    # Nobody asks a side that is checked or drained, so that it bills its least.
    beside = plan.n_retrains * plan.overlap_h * plan.min_tps
    yield Line("the side beside it", beside, "TPS-hours", beside * rate)
