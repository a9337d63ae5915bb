"""Tests against a margin: is a guardrail harmed beyond it, and is a metric shown to be not worse than it allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha, check_finite
from experiments.stats.exceptions import StatsError
from experiments.stats.kinds import read_as_means
from experiments.stats.mean import welch
from experiments.stats.results import Alternative, Effect, Inconclusive, Kind, Method
from experiments.stats.sequential import always_valid

MarginUnit = Literal["relative", "absolute"]


@dataclass(frozen=True, slots=True)
class Guardrail:
    """Whether the treatment is worse than the margin allows.

    Attributes:
        is_harmed: the p-value is at most alpha: roll back.
        p_value: of "not worse than the margin allows", the least over all looks.
        effect: treatment - control without the margin, always-valid both ways, to show.
        beyond_margin: treatment - what the margin allows, one-sided; harm points the way of its `alternative`.
        margin: as given, of unit `margin_unit`.
    """

    is_harmed: bool
    p_value: float
    effect: Effect
    beyond_margin: Effect
    margin: float
    margin_unit: MarginUnit

    is_conclusive: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """Whether the treatment is shown to be not worse than the margin allows.

    Attributes:
        is_shown: the p-value is at most alpha. Not shown is not harmed: it may only be early.
        p_value: of "worse by the margin or more".
        effect: treatment - control without the margin, both ways, to show.
        beyond_margin: treatment - what the margin allows, one-sided.
        margin: as given, of unit `margin_unit`.
    """

    is_shown: bool
    p_value: float
    effect: Effect
    beyond_margin: Effect
    margin: float
    margin_unit: MarginUnit

    is_conclusive: ClassVar[bool] = True


def check_guardrail(
    *,
    kind: Kind = "mean",
    control: Arm,
    treatment: Arm,
    n_planned: int,
    margin: float = 0.0,
    margin_unit: MarginUnit = "relative",
    is_higher_better: bool = True,
    alpha: float = 0.05,
    previous_p: float = 1.0,
) -> Guardrail | Inconclusive:
    """Say whether a guardrail metric is worse than its margin allows; one-sided and right at every look.

    With several guardrails give each alpha over their number: then at most alpha of harmless ramps are rolled back.

    Args:
        kind: what the metric is.
        control, treatment: arms with all data since the start of the phase.
        n_planned: units planned in both arms together, frozen at the start.
        margin: how much worse is tolerated, at least 0: a share of the control's value (0.15 for 15%), or an amount.
        margin_unit: which of both.
        is_higher_better: False for latency or errors.
        alpha: level over all looks.
        previous_p: `p_value` of the last look, 1 at the first.

    Returns:
        The guardrail's state; Inconclusive below 100 units an arm or without variance: neither harm nor safety.

    Raises:
        StatsError: a negative margin, a relative margin of 1 or more where higher is better, or see always_valid.

    Source:
        Waudby-Smith et al. 2024, appendix B.1; the margin as a shifted or scaled control (Fieller's form).
    """
    arms = _allow_margin(kind, control, treatment, margin, margin_unit, is_higher_better=is_higher_better)
    if isinstance(arms, Inconclusive):
        return arms
    plain, allowed, treated = arms
    harm: Alternative = "less" if is_higher_better else "greater"
    effect = always_valid(control=plain, treatment=treated, n_planned=n_planned, alpha=alpha)
    beyond = always_valid(
        control=allowed,
        treatment=treated,
        n_planned=n_planned,
        alpha=alpha,
        alternative=harm,
        previous_p=previous_p,
    )
    if isinstance(effect, Inconclusive):
        return effect
    if isinstance(beyond, Inconclusive):
        return beyond
    return Guardrail(beyond.is_significant, beyond.p_value, effect, beyond, margin, margin_unit)


def check_non_inferiority(
    *,
    kind: Kind = "mean",
    control: Arm,
    treatment: Arm,
    margin: float,
    margin_unit: MarginUnit = "relative",
    is_higher_better: bool = True,
    alpha: float = 0.05,
) -> NonInferiority | Inconclusive:
    """Say whether the treatment is shown to be no worse than the margin, on the planned date (fixed, one-sided).

    Alpha needs no correction over guardrails, since all must pass; their power does, see `sample_size`.

    Args:
        kind: what the metric is. Proportions are tested unpooled, since the margin denies that both are alike.
        control, treatment: arms up to the planned date.
        margin: how much worse is tolerable, above 0.
        margin_unit: a share of the control's value, or an absolute amount.
        is_higher_better: False for latency or errors.
        alpha: significance level, one-sided.

    Returns:
        Whether it is shown; Inconclusive without two units an arm or without variance.

    Raises:
        StatsError: a margin that is not above 0, or a relative one of 1 or more where higher is better.

    Source:
        Schultzberg et al. 2024, "Risk-aware product decisions in A/B tests with multiple metrics".
    """
    check_alpha(alpha)
    if margin == 0:
        raise StatsError("margin", "0 asks for superiority; give what is tolerable, or use compare.")
    arms = _allow_margin(kind, control, treatment, margin, margin_unit, is_higher_better=is_higher_better)
    if isinstance(arms, Inconclusive):
        return arms
    plain, allowed, treated = arms
    safe: Alternative = "greater" if is_higher_better else "less"
    method: Method = "ratio_delta" if kind == "ratio" else "welch_t"
    effect = welch(control=plain, treatment=treated, alpha=alpha, alternative="two-sided", method=method)
    beyond = welch(control=allowed, treatment=treated, alpha=alpha, alternative=safe, method=method)
    if isinstance(effect, Inconclusive):
        return effect
    if isinstance(beyond, Inconclusive):
        return beyond
    return NonInferiority(beyond.is_significant, beyond.p_value, effect, beyond, margin, margin_unit)


def _allow_margin(
    kind: Kind, control: Arm, treatment: Arm, margin: float, margin_unit: MarginUnit, *, is_higher_better: bool
) -> tuple[Arm, Arm, Arm] | Inconclusive:
    """Return the control, the control moved to where the margin ends, and the treatment, all as means."""
    check_finite(margin, "margin")
    if margin < 0:
        raise StatsError("margin", f"{margin!r} is negative; give how much worse is tolerated, 0.15 for 15%.")
    if margin_unit not in get_args(MarginUnit):
        raise StatsError("margin_unit", f"{margin_unit!r} is none of {', '.join(get_args(MarginUnit))}.")
    if margin_unit == "relative" and is_higher_better and margin >= 1:
        raise StatsError("margin", f"{margin!r} would tolerate the loss of everything; 15% is 0.15.")
    arms = read_as_means(kind, control, treatment)
    if isinstance(arms, Inconclusive):
        return arms
    if margin_unit == "relative" and arms[0].mean_y < 0:
        return Inconclusive("relative_undefined", "The control's value is below 0; give an absolute margin.")
    worse = -margin if is_higher_better else margin
    allowed = arms[0].shifted(worse) if margin_unit == "absolute" else arms[0].scaled(1 + worse)
    return arms[0], allowed, arms[1]
