"""Welch's test of two means, from sums."""

from __future__ import annotations

import math

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha
from experiments.stats.distributions import t_quantile, t_tail
from experiments.stats.relative import one_or_two_sided, relative_effect
from experiments.stats.results import Alternative, Effect, Inconclusive, Method

LEAST_UNITS = 2


def compare_means(
    *, control: Arm, treatment: Arm, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Effect | Inconclusive:
    """Test whether two arms' means of y differ, without assuming equal variances.

    Args:
        control, treatment: arms whose y is the metric of each unit.
        alpha: significance level; the interval's level is 1 - alpha.
        alternative: `greater` asks whether the treatment's mean is the larger.

    Returns:
        The effect in y's own unit, or Inconclusive without two units in each arm or without any variance.

    Raises:
        StatsError: alpha or alternative is out of range.

    Source:
        Welch 1947, with Satterthwaite's degrees of freedom.
    """
    check_alpha(alpha, alternative=alternative)
    return welch(control=control, treatment=treatment, alpha=alpha, alternative=alternative, method="welch_t")


def welch(
    *, control: Arm, treatment: Arm, alpha: float, alternative: Alternative, method: Method
) -> Effect | Inconclusive:
    """Return Welch's test under the name of the method whose per-unit values the arms hold."""
    if (thin := find_thin_arm(control, treatment)) is not None:
        return thin
    errors = (control.standard_error, treatment.standard_error)
    estimate, standard_error = treatment.mean_y - control.mean_y, math.hypot(*errors)
    level = 1 - alpha / 2 if alternative == "two-sided" else 1 - alpha
    df = degrees_of_freedom(errors, (control.n, treatment.n))
    half = t_quantile(level, df) * standard_error
    return Effect(
        method=method,
        alternative=alternative,
        control=control.mean_y,
        treatment=treatment.mean_y,
        estimate=estimate,
        standard_error=standard_error,
        interval=one_or_two_sided(estimate - half, estimate + half, alternative),
        relative=relative_effect(
            control=(control.mean_y, errors[0]),
            treatment=(treatment.mean_y, errors[1]),
            find_critical=lambda spreads: t_quantile(level, degrees_of_freedom(spreads, (control.n, treatment.n))),
            alternative=alternative,
        ),
        p_value=_p_value(estimate / standard_error, df, alternative),
        alpha=alpha,
        n_control=control.n,
        n_treatment=treatment.n,
    )


def find_thin_arm(control: Arm, treatment: Arm, least_units: int = LEAST_UNITS) -> Inconclusive | None:
    """Return why two arms cannot be compared, or None when they can."""
    fewest = min(control.n, treatment.n)
    if not fewest:
        return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
    if fewest < least_units:
        return Inconclusive("too_few_units", f"A variation has {fewest} units; at least {least_units} are needed.")
    if not control.standard_error and not treatment.standard_error:
        return Inconclusive("no_variance", "Every unit of a variation has the same value; wait for the metric to move.")
    return None


def degrees_of_freedom(errors: tuple[float, float], n: tuple[int, int]) -> float:
    """Return Satterthwaite's degrees of freedom from both arms' standard errors and units."""
    share = (errors[0] / math.hypot(*errors)) ** 2
    return 1.0 / (share * share / (n[0] - 1) + (1 - share) * (1 - share) / (n[1] - 1))


def _p_value(statistic: float, df: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return min(1.0, 2 * t_tail(abs(statistic), df))
    return t_tail(statistic if alternative == "greater" else -statistic, df)
