"""Ratios of two sums a unit (clicks over impressions, revenue over orders), by the delta method."""

from __future__ import annotations

import math

from experiments.stats.aggregates import ROUNDING, Arm
from experiments.stats.checks import check_alpha
from experiments.stats.exceptions import StatsError
from experiments.stats.mean import welch
from experiments.stats.results import Alternative, Effect, Inconclusive


def compare_ratios(
    *, control: Arm, treatment: Arm, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Effect | Inconclusive:
    """Test whether sum(y) / sum(x) differs between two arms whose units, not events, were randomised.

    Args:
        control, treatment: arms with y the numerator and x the denominator of each unit (its clicks and impressions).
        alpha: significance level; the interval's level is 1 - alpha.
        alternative: `greater` asks whether the treatment's ratio is the larger.

    Returns:
        The effect as a difference of ratios; or Inconclusive without two units an arm, denominator or variance.

    Raises:
        StatsError: a negative denominator; alpha or alternative out of range.

    Source:
        Deng, Knoblich and Lu 2018, "Applying the delta method in metric analytics", section 3.
    """
    check_alpha(alpha, alternative=alternative)
    arms = linearise_both(control, treatment)
    if isinstance(arms, Inconclusive):
        return arms
    return welch(control=arms[0], treatment=arms[1], alpha=alpha, alternative=alternative, method="ratio_delta")


def linearise(arm: Arm) -> Arm | Inconclusive:
    """Return the arm of each unit's contribution to the ratio, whose mean is the ratio R = sum(y) / sum(x).

    A unit contributes R + (y - R x) / mean(x). Every method for means then holds for the ratio: always-valid intervals,
    power, Welch's analysis of variance.

    Args:
        arm: y the numerator, x the denominator of each unit.

    Returns:
        An arm with mean R and the delta method's per-unit variance; Inconclusive without units or denominator.

    Raises:
        StatsError: the denominators sum to less than 0.

    Source:
        Budylin et al. 2018, "Consistent transformation of ratio metrics for efficient online controlled experiments".
    """
    if not arm.n:
        return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
    if arm.mean_x < 0:
        raise StatsError(
            "sum_x", f"the denominator's mean is {arm.mean_x!r}; a ratio needs denominators of at least 0."
        )
    if arm.mean_x == 0:
        return Inconclusive("no_denominator", "Nothing that it is a share of has happened yet; wait for some.")
    ratio = arm.mean_y / arm.mean_x
    parts = (arm.centred_yy, -2 * ratio * arm.centred_xy, ratio * ratio * arm.centred_xx)
    centred = math.fsum(parts)
    is_rounding = centred <= ROUNDING * max(abs(part) for part in parts)
    return Arm(n=arm.n, mean_y=ratio, centred_yy=0.0 if is_rounding else (math.sqrt(centred) / arm.mean_x) ** 2)


def linearise_both(control: Arm, treatment: Arm) -> tuple[Arm, Arm] | Inconclusive:
    """Return both arms linearised, or why the first that fails cannot be."""
    linear_control, linear_treatment = linearise(control), linearise(treatment)
    if isinstance(linear_control, Inconclusive):
        return linear_control
    if isinstance(linear_treatment, Inconclusive):
        return linear_treatment
    return linear_control, linear_treatment
