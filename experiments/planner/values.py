"""What planning takes and gives: a baseline, a wish, and the plan that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from experiments.stats import Kind


@dataclass(frozen=True, slots=True)
class Baseline:
    """Control's metric as it is today.

    Attributes:
        metric: Its name.
        kind: How it is compared.
        value: Of the metric: a share of 0..1 for a proportion.
        variance: Per unit, for means and ratios.
        n_units: Units that it was measured on; 0 where it was given by hand.
        cumulative_units: Distinct eligible units by the end of day 1, 2, ...; empty where nobody knows.
        unit: How values are written.
        since, until: When it was measured.
        window_days: Days of each unit that were counted.
    """

    metric: str
    kind: Kind
    value: float
    variance: float | None = None
    n_units: int = 0
    cumulative_units: Sequence[int] = field(default=())
    unit: str = ""
    since: datetime | None = None
    until: datetime | None = None
    window_days: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the experiment is to find, and with whom.

    Attributes:
        mde: Smallest relative effect worth finding, above 0.
        alpha: Level over the whole life, two-sided.
        power: Chance to find it.
        n_treatments: Variations beside control, evenly split.
        coverage_share: Share of all units that takes part, above 0 and at most 1.
    """

    mde: float
    alpha: float = 0.05
    power: float = 0.8
    n_treatments: int = 1
    coverage_share: float = 1.0


@dataclass(frozen=True, slots=True)
class SizePlan:
    """The answer; `reason` says why a part of it is missing.

    Attributes:
        n_each: Units of each variation.
        n_compared: Of control and one treatment together.
        n_total: Of all variations.
        weeks: Whole weeks to run, two at least; None where it cannot be told or never comes.
        is_extrapolated: The measured days were fewer than it takes.
        mde_by_week: (week, smallest relative effect found by then).
        power_by_effect: (relative effect, chance to find it).
        reason: A sentence, or empty.
    """

    n_each: int
    n_compared: int
    n_total: int
    weeks: int | None
    is_extrapolated: bool
    mde_by_week: tuple[tuple[int, float], ...]
    power_by_effect: tuple[tuple[float, float], ...]
    reason: str = ""
