"""How long an experiment takes, in whole weeks, from the units that it needs and those that come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from experiments.stats.checks import check_count, check_finite
from experiments.stats.exceptions import StatsError
from experiments.stats.results import Inconclusive

WEEK = 7
LEAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Duration:
    """How long to plan for.

    Attributes:
        days: whole weeks, at least two, so that each weekday counts alike.
        weeks: the same in weeks.
        days_needed: until the units are there, before rounding up.
        is_extrapolated: the measured curve was too short, and its last week was continued.
    """

    days: int
    weeks: int
    days_needed: int
    is_extrapolated: bool

    is_conclusive: ClassVar[bool] = True


def duration(
    *, n_total: int, cumulative_units: Sequence[int], coverage_share: float = 1.0, longest_days: int = 365
) -> Duration | Inconclusive:
    """Return how long it takes to expose the units that an experiment needs.

    Args:
        n_total: units of all variations together, `SampleSize.n_total`.
        cumulative_units: distinct eligible units seen by the end of day 1, 2, ... of a measured period. Shoppers come
            again, so daily traffic times days overstates it. Beyond the last day the mean growth of its last week goes
            on.
        coverage_share: share of eligible units that the experiment includes, above 0 and at most 1.
        longest_days: give up beyond it.

    Returns:
        The duration; Inconclusive when nobody comes, or when it would take longer than `longest_days`.

    Raises:
        StatsError: no days, a curve that falls, a share or count out of range.
    """
    check_count(n_total, "n_total", least=1)
    check_count(longest_days, "longest_days", least=1)
    _check_curve(cumulative_units)
    check_finite(coverage_share, "coverage_share")
    if not 0 < coverage_share <= 1:
        raise StatsError("coverage_share", f"{coverage_share!r} is not above 0 and at most 1; 60% is 0.6.")
    needed = n_total / coverage_share
    days = _first_day(needed, cumulative_units)
    if days is None:
        return Inconclusive("no_traffic", f"{n_total} units never come: the last measured week brought nobody new.")
    if days > longest_days:
        return Inconclusive(
            "no_traffic", f"{n_total} units take {days} days; include more, or look for a larger effect."
        )
    weeks = max(LEAST_DAYS // WEEK, math.ceil(days / WEEK))
    return Duration(weeks * WEEK, weeks, days, days > len(cumulative_units))


def _check_curve(cumulative_units: Sequence[int]) -> None:
    if not cumulative_units:
        raise StatsError("cumulative_units", "is empty; measure at least one day.")
    reached = 0
    for units in cumulative_units:
        check_count(units, "cumulative_units")
        if units < reached:
            raise StatsError("cumulative_units", f"falls from {reached} to {units}; give cumulative counts, not daily.")
        reached = units


def _first_day(needed: float, cumulative_units: Sequence[int]) -> int | None:
    """Return the first day, from 1, by whose end the units are there."""
    for day, units in enumerate(cumulative_units, start=1):
        if units >= needed:
            return day
    measured, reached = len(cumulative_units), cumulative_units[-1]
    before = cumulative_units[-1 - WEEK] if measured > WEEK else 0
    growth = (reached - before) / min(WEEK, measured)
    return measured + math.ceil((needed - reached) / growth) if growth else None
