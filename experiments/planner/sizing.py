"""PURE planning: units, weeks, the effect that each week can find and the chance to find each effect."""

import math
from collections.abc import Sequence

from experiments.planner.values import Baseline, SizePlan, Wish
from experiments.stats import (
    Design,
    DetectableEffect,
    Duration,
    Inconclusive,
    StatsError,
    duration,
    minimum_detectable_effect,
    power,
    sample_size,
    split_alpha,
)

WEEK = 7
LEAST_WEEKS_SHOWN = 8
MOST_WEEKS = 52
N_EFFECTS = 20
NO_TRAFFIC = "How many shoppers come is not known, so only the sample size can be told."


class PlanError(ValueError):
    """What was asked cannot be planned; the message says why and what to change."""


def size(baseline: Baseline, wish: Wish) -> SizePlan:
    """Plan an experiment.

    The fixed part of the hybrid read-out is planned for, four fifths of alpha: the sequential part can only end it
    earlier.

    Args:
        baseline: Control's metric as it is today.
        wish: What is to be found, and with whom.

    Returns:
        The plan, with a reason where its length cannot be told.

    Raises:
        PlanError: A baseline of 0, no variance, or an effect that leaves the metric's range.
    """
    design = _design(baseline, wish)
    try:
        needed = sample_size(design=design, relative_effect=wish.mde, power=wish.power)
    except StatsError as error:
        raise PlanError(f"Such an effect cannot be planned: {error}") from error
    found, reason = _find_duration(baseline, wish, needed.n_total)
    weeks = found.weeks if found is not None else None
    return SizePlan(
        n_each=needed.n_control,
        n_compared=needed.n_compared,
        n_total=needed.n_total,
        weeks=weeks,
        is_extrapolated=found.is_extrapolated if found is not None else False,
        mde_by_week=_find_mde_by_week(baseline, wish, design, weeks),
        power_by_effect=_find_power(design, needed.n_control, wish.mde),
        reason=reason,
    )


def expect_units(cumulative_units: Sequence[int], day: int) -> float:
    """Distinct units by the end of a day; beyond the measured days the last week's growth goes on.

    Args:
        cumulative_units: By the end of day 1, 2, ...; at least one day.
        day: From 1.
    """
    measured = len(cumulative_units)
    if day <= measured:
        return float(cumulative_units[day - 1])
    before = cumulative_units[-1 - WEEK] if measured > WEEK else 0
    growth = (cumulative_units[-1] - before) / min(WEEK, measured)
    return cumulative_units[-1] + growth * (day - measured)


def _design(baseline: Baseline, wish: Wish) -> Design:
    if baseline.value == 0 or not math.isfinite(baseline.value):
        raise PlanError(f"{baseline.metric} is 0 today, so no relative effect on it exists. Choose another metric.")
    try:
        return Design(
            kind=baseline.kind,
            baseline=baseline.value,
            variance=None if baseline.kind == "proportion" else baseline.variance,
            alpha=split_alpha(wish.alpha)[1],
            n_treatments=wish.n_treatments,
        )
    except StatsError as error:
        raise PlanError(f"{baseline.metric} cannot be planned with: {error}") from error


def _find_duration(baseline: Baseline, wish: Wish, n_total: int) -> tuple[Duration | None, str]:
    if not any(baseline.cumulative_units):
        return None, NO_TRAFFIC
    found = duration(n_total=n_total, cumulative_units=baseline.cumulative_units, coverage_share=wish.coverage_share)
    return (None, found.reason) if isinstance(found, Inconclusive) else (found, "")


def _find_mde_by_week(
    baseline: Baseline, wish: Wish, design: Design, weeks: int | None
) -> tuple[tuple[int, float], ...]:
    if not any(baseline.cumulative_units):
        return ()
    shown = min(MOST_WEEKS, max(LEAST_WEEKS_SHOWN, 2 * (weeks or MOST_WEEKS // 2)))
    curve = []
    for week in range(1, shown + 1):
        units = expect_units(baseline.cumulative_units, week * WEEK) * wish.coverage_share
        n_control = int(units / (1 + wish.n_treatments))
        if n_control < 1:
            continue
        found = minimum_detectable_effect(design=design, n_control=n_control, power=wish.power)
        if isinstance(found, DetectableEffect) and found.relative_effect is not None:
            curve.append((week, abs(found.relative_effect)))
    return tuple(curve)


def _find_power(design: Design, n_control: int, mde: float) -> tuple[tuple[float, float], ...]:
    curve = []
    for place in range(1, N_EFFECTS + 1):
        effect = 2 * mde * place / N_EFFECTS
        try:
            curve.append((effect, power(design=design, n_control=n_control, relative_effect=effect)))
        except StatsError:
            break
    return tuple(curve)
