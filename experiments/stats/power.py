"""Before the start: how many units an effect needs, what a number of units can find, and with which power."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.stats.checks import check_count, check_open_share
from experiments.stats.designs import Design
from experiments.stats.distributions import normal_quantile, normal_tail
from experiments.stats.results import Inconclusive

N_BISECTIONS = 100


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Units to expose before the planned read-out.

    Attributes:
        n_control: units of control.
        n_treatment: units of each treatment.
        n_compared: of control and one treatment together: `n_planned` of the always-valid methods.
        n_total: of all variations together; what `duration` takes.
        effect: what this finds, in the metric's unit.
        relative_effect: the same as a share of the baseline; None at a baseline of 0.
        power: chance of finding it.
        alpha_each: level of each comparison.
    """

    n_control: int
    n_treatment: int
    n_compared: int
    n_total: int
    effect: float
    relative_effect: float | None
    power: float
    alpha_each: float


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """The least effect that a number of units finds with the wanted power.

    Attributes:
        effect: in the metric's unit; towards the alternative, upwards for a two-sided test.
        relative_effect: as a share of the baseline; None at a baseline of 0.
    """

    effect: float
    relative_effect: float | None


def sample_size(
    *, design: Design, effect: float | None = None, relative_effect: float | None = None, power: float = 0.8
) -> SampleSize:
    """Return how many units find an effect with a wanted power.

    For non-inferiority give the margin as the effect and a one-sided alternative; with K guardrails that must all pass,
    a power of 1 - (1 - power) / K keeps their joint one.

    Args:
        design: metric, level and allocation.
        effect, relative_effect: the least effect worth finding, in the metric's unit or as a share of the baseline.
        power: chance of finding it, 0..1.

    Returns:
        Whole units per variation, rounded up.

    Raises:
        StatsError: a power out of range, no effect or two, or one that takes a proportion out of 0..1.

    Source:
        Fleiss, Levin and Paik 2003, "Statistical methods for rates and proportions", chapter 4, without continuity
        correction (R's power.prop.test); for means the normal form of R's power.t.test.
    """
    check_open_share(power, "power")
    absolute = design.absolute(effect, relative_effect)
    null, actual = design.deviations(absolute)
    n_control = ((design.critical * null + normal_quantile(power) * actual) / absolute) ** 2
    control, treatment = max(2, math.ceil(n_control)), max(2, math.ceil(n_control * design.allocation))
    return SampleSize(
        n_control=control,
        n_treatment=treatment,
        n_compared=control + treatment,
        n_total=control + design.n_treatments * treatment,
        effect=absolute,
        relative_effect=absolute / design.baseline if design.baseline else None,
        power=power,
        alpha_each=design.alpha_each,
    )


def power(
    *, design: Design, n_control: int, effect: float | None = None, relative_effect: float | None = None
) -> float:
    """Return the chance that a number of units finds an effect.

    Args:
        design: metric, level and allocation.
        n_control: units of control; the treatment has `allocation` times as many.
        effect, relative_effect: the true effect, in the metric's unit or as a share of the baseline.

    Returns:
        0..1, both tails of a two-sided test counted.

    Raises:
        StatsError: n_control below 1, no effect or two, or one that takes a proportion out of 0..1.

    Source:
        See sample_size.
    """
    check_count(n_control, "n_control", least=1)
    return _find_power(design, n_control, design.absolute(effect, relative_effect))


def minimum_detectable_effect(*, design: Design, n_control: int, power: float = 0.8) -> DetectableEffect | Inconclusive:
    """Return the least effect that a number of units finds with a wanted power.

    Args:
        design: metric, level and allocation.
        n_control: units of control.
        power: wanted chance of finding it.

    Returns:
        The effect; Inconclusive when even the largest that a proportion can have would not be found.

    Raises:
        StatsError: n_control below 1, or a power out of range.
    """
    check_count(n_control, "n_control", least=1)
    check_open_share(power, "power")
    towards = -1.0 if design.alternative == "less" else 1.0
    if design.kind == "proportion":
        largest = (1 - design.baseline if towards > 0 else design.baseline) * (1 - 1e-12)
    else:
        # A standard error more than one tail alone needs for the wanted power.
        reach = design.critical + max(0.0, normal_quantile(power)) + 1
        largest = reach * design.deviations(0.0)[0] / math.sqrt(n_control)
    found = _bisect(design, n_control, power, towards * largest)
    if found is None:
        return Inconclusive("too_few_units", f"{n_control} units of control find no effect at all; plan more units.")
    return DetectableEffect(found, found / design.baseline if design.baseline else None)


def _find_power(design: Design, n_control: int, effect: float) -> float:
    null, actual = design.deviations(effect)
    shift, limit = math.sqrt(n_control) * abs(effect), design.critical * null
    found = normal_tail((limit - shift) / actual)
    return found + normal_tail((limit + shift) / actual) if design.alternative == "two-sided" else found


def _bisect(design: Design, n_control: int, power: float, largest: float) -> float | None:
    """Return the effect with the wanted power, to the last digit; power grows with the effect's size."""
    low, high = 0.0, largest
    if _find_power(design, n_control, high) < power:
        return None
    for _ in range(N_BISECTIONS):
        middle = (low + high) / 2
        if _find_power(design, n_control, middle) < power:
            low = middle
        else:
            high = middle
    return high
