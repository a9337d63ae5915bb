"""CUPED for ratios: each unit's contribution to the ratio, adjusted by what was known of it before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from experiments.stats.aggregates import Arm
from experiments.stats.cuped import Adjustment, adjust_arms
from experiments.stats.exceptions import StatsError
from experiments.stats.ratio import linearise
from experiments.stats.results import Inconclusive


@dataclass(frozen=True, slots=True)
class RatioWithHistory:
    """One variation's ratio y / x with a covariate z of the same units, as three arms; addable like them.

    Attributes:
        ratio: y the numerator, x the denominator.
        numerator: y the numerator, x the covariate.
        denominator: y the denominator, x the covariate.

    Raises:
        StatsError: the three count different units.
    """

    ratio: Arm
    numerator: Arm
    denominator: Arm

    def __post_init__(self) -> None:
        if not self.ratio.n == self.numerator.n == self.denominator.n:
            raise StatsError("numerator", "counts other units than ratio or denominator; take all over the same ones.")

    def __add__(self, other: RatioWithHistory) -> RatioWithHistory:
        if not isinstance(other, RatioWithHistory):
            return NotImplemented
        return RatioWithHistory(
            self.ratio + other.ratio, self.numerator + other.numerator, self.denominator + other.denominator
        )


def adjust_ratio_with_covariate(*, arms: Sequence[RatioWithHistory]) -> Adjustment | Inconclusive:
    """Adjust a ratio metric by a covariate fixed before the first exposure, with one theta for all arms.

    Args:
        arms: all variations of the experiment.

    Returns:
        Arms whose mean is the adjusted ratio, for compare_means and the rest; Inconclusive as adjust_with_covariate
        answers, or when an arm has no denominator.

    Raises:
        StatsError: a negative denominator.

    Source:
        Deng et al. 2013, appendix B: the delta method for ratio metrics.
    """
    if len(arms) < 2:
        return Inconclusive("one_variation", "An adjustment needs at least two variations.")
    linear = []
    for arm in (reduce(add, arms), *arms):
        per_unit = _linearise(arm)
        if isinstance(per_unit, Inconclusive):
            return per_unit
        linear.append(per_unit)
    return adjust_arms(linear[1:], linear[0])


def _linearise(arm: RatioWithHistory) -> Arm | Inconclusive:
    """Return the arm of each unit's contribution to the ratio, beside its covariate."""
    linear = linearise(arm.ratio)
    if isinstance(linear, Inconclusive):
        return linear
    product = (arm.numerator.centred_xy - linear.mean_y * arm.denominator.centred_xy) / arm.ratio.mean_x
    return Arm(
        n=linear.n,
        mean_y=linear.mean_y,
        centred_yy=linear.centred_yy,
        mean_x=arm.numerator.mean_x,
        centred_xx=arm.numerator.centred_xx,
        centred_xy=product if linear.centred_yy else 0.0,
    )
