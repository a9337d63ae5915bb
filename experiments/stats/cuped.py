"""CUPED: the same answer from fewer units, by what was known of each before the experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import ClassVar

from experiments.stats.aggregates import ROUNDING, Arm
from experiments.stats.results import Inconclusive


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Arms whose outcome no longer carries what the covariate foretold; compare them as means.

    Attributes:
        arms: in the order given, with the covariate used up (x is 0).
        theta: how much y moves with one unit of x, over all arms.
        variance_reduction: share of y's variance that the covariate explained, 0..1; the sample needed falls by it.
    """

    arms: tuple[Arm, ...]
    theta: float
    variance_reduction: float

    is_conclusive: ClassVar[bool] = True


def adjust_with_covariate(*, arms: Sequence[Arm]) -> Adjustment | Inconclusive:
    """Replace each unit's y by y - theta (x - mean of x over all arms), with one theta for all.

    x must be fixed before the unit's first exposure (its clicks in the weeks before), or the adjustment removes a part
    of the effect. Units without history take part with x = 0. One theta for all arms keeps the estimate unbiased.

    Args:
        arms: all variations of the experiment, y the outcome and x the covariate of each unit.

    Returns:
        The adjusted arms, for compare_means, always_valid and the rest; Inconclusive with fewer than two variations,
        with an empty one, or when y or the covariate is the same for every unit.

    Source:
        Deng, Xu, Kohavi and Walker 2013, "Improving the sensitivity of online controlled experiments by utilizing
        pre-experiment data".
    """
    if len(arms) < 2:
        return Inconclusive("one_variation", "An adjustment needs at least two variations.")
    if not all(arm.n for arm in arms):
        return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
    return adjust_arms(arms, reduce(add, arms))


def adjust_arms(arms: Sequence[Arm], pooled: Arm) -> Adjustment | Inconclusive:
    """Return the arms adjusted with the theta and the mean covariate of all of them together."""
    if not pooled.centred_yy:
        return Inconclusive("no_variance", "Every unit has the same outcome; wait for the metric to move.")
    if not pooled.centred_xx:
        return Inconclusive("no_covariate", "The covariate is the same for every unit; it foretells nothing.")
    theta = pooled.centred_xy / pooled.centred_xx
    adjusted = tuple(_adjust(arm, theta, pooled.mean_x) for arm in arms)
    return Adjustment(adjusted, theta, min(1.0, theta * pooled.centred_xy / pooled.centred_yy))


def _adjust(arm: Arm, theta: float, mean_x: float) -> Arm:
    parts = (arm.centred_yy, -2 * theta * arm.centred_xy, theta * theta * arm.centred_xx)
    centred = sum(parts)
    is_rounding = centred <= ROUNDING * max(abs(part) for part in parts)
    return Arm(arm.n, arm.mean_y - theta * (arm.mean_x - mean_x), 0.0 if is_rounding else centred)
