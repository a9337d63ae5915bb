"""The three kinds of metric behind one call, for code that reads the kind from a metric's definition."""

from __future__ import annotations

from collections.abc import Callable

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_kind
from experiments.stats.mean import compare_means
from experiments.stats.proportion import compare_proportions, count_successes
from experiments.stats.ratio import compare_ratios, linearise_both
from experiments.stats.results import Alternative, Effect, Inconclusive, Kind

COMPARISONS: dict[Kind, Callable[..., Effect | Inconclusive]] = {
    "proportion": compare_proportions,
    "mean": compare_means,
    "ratio": compare_ratios,
}


def compare(
    *, kind: Kind, control: Arm, treatment: Arm, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Effect | Inconclusive:
    """Compare two arms by the fixed test of the metric's kind.

    Args:
        kind: `proportion` (one 0 or 1 a unit), `mean` (y of each unit) or `ratio` (y over x).
        control, treatment: arms of that kind.
        alpha: significance level.
        alternative: `greater` asks whether the treatment's value is the larger.

    Returns:
        What compare_proportions, compare_means or compare_ratios answers.

    Raises:
        StatsError: an unknown kind, or what the comparison refuses.
    """
    check_kind(kind)
    return COMPARISONS[kind](control=control, treatment=treatment, alpha=alpha, alternative=alternative)


def read_as_means(kind: Kind, control: Arm, treatment: Arm) -> tuple[Arm, Arm] | Inconclusive:
    """Return two arms whose mean of y is the metric, whatever its kind; large-sample methods need no more.

    Raises:
        StatsError: an unknown kind, a proportion with other values than 0 and 1, or a negative denominator.
    """
    check_kind(kind)
    if kind == "ratio":
        return linearise_both(control, treatment)
    if kind == "proportion":
        count_successes(control, "control")
        count_successes(treatment, "treatment")
    return control, treatment
