"""The test of two proportions: pooled z, Newcombe's interval, Katz's relative effect."""

from __future__ import annotations

import math

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha
from experiments.stats.distributions import normal_quantile, normal_tail
from experiments.stats.exceptions import StatsError
from experiments.stats.relative import one_or_two_sided, relative_effect
from experiments.stats.results import Alternative, Effect, Inconclusive, Interval


def compare_proportions(
    *, control: Arm, treatment: Arm, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Effect | Inconclusive:
    """Test whether two shares of units differ; the square of the statistic is Pearson's chi-square.

    Only for one 0 or 1 a unit (converted or not). Clicks over impressions belong in `compare_ratios`: impressions of
    one unit are alike, and a test that takes them as independent finds differences where there are none.

    Args:
        control, treatment: arms of 0/1 outcomes, as `Arm.from_counts` builds them.
        alpha: significance level; the interval's level is 1 - alpha.
        alternative: `greater` asks whether the treatment's share is the larger.

    Returns:
        The effect as a difference of shares; or Inconclusive without units, without any success or without any failure.
        The p-value is pooled and the interval is not, so that at the very edge they may disagree; the p-value decides.

    Raises:
        StatsError: an arm that holds other values than 0 and 1; alpha or alternative out of range.

    Source:
        Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
    """
    check_alpha(alpha, alternative=alternative)
    successes = count_successes(control, "control"), count_successes(treatment, "treatment")
    if (empty := find_empty(control, treatment, successes)) is not None:
        return empty
    shares = successes[0] / control.n, successes[1] / treatment.n
    estimate = shares[1] - shares[0]
    pooled = sum(successes) / (control.n + treatment.n)
    z = estimate / math.sqrt(pooled * (1 - pooled) * (1 / control.n + 1 / treatment.n))
    critical = normal_quantile(1 - alpha / 2 if alternative == "two-sided" else 1 - alpha)
    errors = [math.sqrt(p * (1 - p) / arm.n) for p, arm in zip(shares, (control, treatment), strict=True)]
    return Effect(
        method="two_proportion_z",
        alternative=alternative,
        control=shares[0],
        treatment=shares[1],
        estimate=estimate,
        standard_error=math.hypot(*errors),
        interval=_newcombe(shares, (control.n, treatment.n), critical, alternative),
        relative=relative_effect(
            control=(shares[0], errors[0]),
            treatment=(shares[1], errors[1]),
            find_critical=lambda _: critical,
            alternative=alternative,
        ),
        p_value=_p_value(z, alternative),
        alpha=alpha,
        n_control=control.n,
        n_treatment=treatment.n,
    )


def count_successes(arm: Arm, argument: str) -> int:
    """Return how many units succeeded; refuse an arm whose outcomes are not all 0 or 1."""
    total = arm.n * arm.mean_y
    successes = round(total)
    expected = successes * (1 - successes / arm.n) if arm.n else 0.0
    is_binary = 0 <= successes <= arm.n and abs(total - successes) <= 1e-6 * max(1.0, total)
    if not is_binary or abs(arm.centred_yy - expected) > 1e-6 * max(1.0, expected):
        raise StatsError(argument, "holds other values than 0 and 1; use compare_means, or compare_ratios for shares.")
    return successes


def find_empty(control: Arm, treatment: Arm, successes: tuple[int, int]) -> Inconclusive | None:
    """Return why two proportions cannot be compared, or None when they can."""
    if not control.n or not treatment.n:
        return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
    if not any(successes):
        return Inconclusive("no_successes", "No unit of either variation succeeded; wait, or choose a commoner metric.")
    if sum(successes) == control.n + treatment.n:
        return Inconclusive("all_successes", "Every unit succeeded; choose a metric that can fail.")
    return None


def wilson(share: float, n: int, critical: float) -> tuple[float, float]:
    """Return Wilson's score interval of one share, both ends within 0..1.

    Args:
        share: successes over n.
        n: units, at least 1.
        critical: normal quantile of the wanted level.

    Source:
        Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    squared = critical * critical
    centre = share + squared / (2 * n)
    half = critical * math.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    low, high = (centre - half) / (1 + squared / n), (centre + half) / (1 + squared / n)
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def _newcombe(shares: tuple[float, float], n: tuple[int, int], critical: float, alternative: Alternative) -> Interval:
    (low_c, high_c), (low_t, high_t) = wilson(shares[0], n[0], critical), wilson(shares[1], n[1], critical)
    estimate = shares[1] - shares[0]
    low = estimate - math.hypot(shares[1] - low_t, high_c - shares[0])
    high = estimate + math.hypot(high_t - shares[1], shares[0] - low_c)
    return one_or_two_sided(low, high, alternative)


def _p_value(z: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return min(1.0, 2 * normal_tail(abs(z)))
    return normal_tail(z if alternative == "greater" else -z)
