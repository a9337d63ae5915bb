"""A/B/n at once: does any variation differ from any other, before pairs are looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha, check_kind
from experiments.stats.distributions import chi_square_tail, f_tail
from experiments.stats.proportion import count_successes
from experiments.stats.ratio import linearise
from experiments.stats.results import Inconclusive, Kind


@dataclass(frozen=True, slots=True)
class Omnibus:
    """Whether all variations are alike.

    Attributes:
        method: Pearson's chi-square for proportions, Welch's analysis of variance for means and ratios.
        statistic: chi-square, or Welch's F.
        df: degrees of freedom; for F (between, within).
        p_value: of "all alike".
        alpha: significance level.
        n: units of each variation.
    """

    method: Literal["chi_square", "welch_anova"]
    statistic: float
    df: tuple[float, ...]
    p_value: float
    alpha: float
    n: tuple[int, ...]

    is_conclusive: ClassVar[bool] = True

    @property
    def is_significant(self) -> bool:
        """Return whether some variation differs from some other."""
        return self.p_value <= self.alpha


def compare_all(*, kind: Kind = "mean", arms: Sequence[Arm], alpha: float = 0.05) -> Omnibus | Inconclusive:
    """Test all variations of an experiment together.

    Args:
        kind: what the metric is.
        arms: one a variation.
        alpha: significance level.

    Returns:
        The omnibus test; Inconclusive with fewer than two variations, with an empty one, or without variance.

    Raises:
        StatsError: an unknown kind, a level out of range, or an arm that is not of the kind.

    Source:
        Pearson 1900; Welch 1951, "On the comparison of several mean values: an alternative approach".
    """
    check_kind(kind)
    check_alpha(alpha)
    if len(arms) < 2:
        return Inconclusive("one_variation", "An experiment needs at least two variations to compare.")
    if not all(arm.n for arm in arms):
        return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
    if kind == "proportion":
        return _chi_square(arms, alpha)
    if kind == "mean":
        return _welch_anova(arms, alpha)
    linear = []
    for arm in arms:
        per_unit = linearise(arm)
        if isinstance(per_unit, Inconclusive):
            return per_unit
        linear.append(per_unit)
    return _welch_anova(linear, alpha)


def _chi_square(arms: Sequence[Arm], alpha: float) -> Omnibus | Inconclusive:
    successes = [count_successes(arm, "arms") for arm in arms]
    n = sum(arm.n for arm in arms)
    if not any(successes):
        return Inconclusive("no_successes", "No unit of any variation succeeded; wait, or choose a commoner metric.")
    if sum(successes) == n:
        return Inconclusive("all_successes", "Every unit succeeded; choose a metric that can fail.")
    pooled = sum(successes) / n
    statistic = math.fsum(
        (count - arm.n * pooled) ** 2 / (arm.n * pooled * (1 - pooled))
        for count, arm in zip(successes, arms, strict=True)
    )
    df = len(arms) - 1
    p_value = chi_square_tail(statistic, df)
    return Omnibus("chi_square", statistic, (float(df),), p_value, alpha, tuple(arm.n for arm in arms))


def _welch_anova(arms: Sequence[Arm], alpha: float) -> Omnibus | Inconclusive:
    if min(arm.n for arm in arms) < 2:
        return Inconclusive("too_few_units", "A variation has 1 unit; at least 2 are needed.")
    if not all(arm.variance_y for arm in arms):
        return Inconclusive("no_variance", "A variation's units all have the same value; wait for the metric to move.")
    precision = [arm.n / arm.variance_y for arm in arms]
    total, k = math.fsum(precision), len(arms)
    centre = math.fsum(weight * arm.mean_y for weight, arm in zip(precision, arms, strict=True)) / total
    spread = math.fsum(weight * (arm.mean_y - centre) ** 2 for weight, arm in zip(precision, arms, strict=True))
    unevenness = math.fsum((1 - weight / total) ** 2 / (arm.n - 1) for weight, arm in zip(precision, arms, strict=True))
    statistic = spread / (k - 1) / (1 + 2 * (k - 2) / (k * k - 1) * unevenness)
    df = (float(k - 1), (k * k - 1) / (3 * unevenness))
    return Omnibus("welch_anova", statistic, df, f_tail(statistic, *df), alpha, tuple(arm.n for arm in arms))
