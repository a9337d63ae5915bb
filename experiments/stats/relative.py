"""The relative effect with its interval, on the scale of logarithms."""

from __future__ import annotations

import math
from collections.abc import Callable

from experiments.stats.results import Alternative, Inconclusive, Interval, RelativeEffect

# Beyond it the exponential overflows; an upper bound of e^700 says "unknown" as well as any.
LARGEST_EXPONENT = 700.0


def relative_effect(
    *,
    control: tuple[float, float],
    treatment: tuple[float, float],
    find_critical: Callable[[tuple[float, float]], float],
    alternative: Alternative,
) -> RelativeEffect | Inconclusive:
    """Return treatment / control - 1 with exp(ln(treatment / control) -+ critical * its standard error) - 1.

    The logarithm keeps the interval above -100% and nearer its level when the control is noisy.

    Args:
        control, treatment: (value of the metric, its standard error).
        find_critical: gives the half-width in standard errors from those of both logarithms.
        alternative: a one-sided test leaves one side open.

    Returns:
        The relative effect; Inconclusive unless both values are above 0 and far enough from it to divide.

    Source:
        Delta method; for proportions Katz et al. 1978, "Obtaining confidence intervals for the risk ratio".
    """
    if control[0] <= 0 or treatment[0] <= 0:
        return Inconclusive("relative_undefined", "A relative effect needs both variations above 0; read the effect.")
    ratio, spreads = treatment[0] / control[0], (control[1] / control[0], treatment[1] / treatment[0])
    if not 0 < ratio < math.inf or not 0 < math.hypot(*spreads) < math.inf:
        return Inconclusive("relative_undefined", "A variation is too near 0 to divide by; read the effect.")
    half = find_critical(spreads) * math.hypot(*spreads)
    low, high = (math.exp(min(math.log(ratio) + end, LARGEST_EXPONENT)) - 1 for end in (-half, half))
    return RelativeEffect(ratio - 1, one_or_two_sided(min(low, ratio - 1), max(high, ratio - 1), alternative))


def one_or_two_sided(low: float, high: float, alternative: Alternative) -> Interval:
    """Return the interval, open on the side that the alternative does not ask about."""
    return Interval(None if alternative == "less" else low, None if alternative == "greater" else high)
