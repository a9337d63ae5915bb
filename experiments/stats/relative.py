"""The relative effect with its interval, on the scale of logarithms."""

from __future__ import annotations

import math

from experiments.stats.results import Alternative, Inconclusive, Interval, RelativeEffect

# Beyond it the exponential overflows; an upper bound of e^300 says "unknown" as well as any.
LARGEST_EXPONENT = 300.0


def relative_effect(
    *,
    control: tuple[float, float],
    treatment: tuple[float, float],
    critical: float,
    alternative: Alternative,
) -> RelativeEffect | Inconclusive:
    """Return treatment / control - 1 with exp(ln(treatment / control) -+ critical * its standard error) - 1.

    The logarithm keeps the interval above -100% and nearer its level when the control is noisy. It needs both values
    above 0; otherwise the absolute effect is the one to read.

    Args:
        control, treatment: (value of the metric, its squared standard error).
        critical: half-width in standard errors.
        alternative: a one-sided test leaves one side open.

    Source:
        Delta method; for proportions Katz et al. 1978, "Obtaining confidence intervals for the risk ratio".
    """
    if control[0] <= 0 or treatment[0] <= 0:
        return Inconclusive("relative_undefined", "A relative effect needs both variations above 0; read the effect.")
    standard_error = math.hypot(*(math.sqrt(squared) / value for value, squared in (control, treatment)))
    ratio, factor = treatment[0] / control[0], math.exp(min(critical * standard_error, LARGEST_EXPONENT))
    return RelativeEffect(ratio - 1, one_or_two_sided(ratio / factor - 1, ratio * factor - 1, alternative))


def one_or_two_sided(low: float, high: float, alternative: Alternative) -> Interval:
    """Return the interval, open on the side that the alternative does not ask about."""
    return Interval(None if alternative == "less" else low, None if alternative == "greater" else high)
