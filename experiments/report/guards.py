"""PURE reading of guardrails: harmed beyond the margin, shown to be within it, or still open."""

from experiments.report.facts import MetricFacts, Rules
from experiments.report.values import GuardrailState
from experiments.stats import (
    Arm,
    Guardrail,
    Inconclusive,
    NonInferiority,
    always_valid,
    check_guardrail,
    check_non_inferiority,
    split_alpha,
)
from experiments.stats.kinds import read_as_means

SAFE, HARMED, OPEN = "safe", "harmed", "open"


def read_guardrail(metric: MetricFacts, *, control: str, variation: str, rules: Rules) -> GuardrailState:
    """Whether one variation keeps a guardrail.

    Harm is an always-valid one-sided test beyond the margin, its level shared by all guardrails: the very test by which
    the ramp controller rolls back. Safety is non-inferiority: always-valid at the sequential part of the level, and at
    the planned end also by the fixed test.

    Args:
        metric: With its margin.
        control: Control's key.
        variation: The other's.
        rules: The phase's.
    """
    margin = metric.margin or 0.0
    first, second = metric.arms.get(control), metric.arms.get(variation)
    if metric.missing or first is None or second is None:
        return GuardrailState(variation, margin, OPEN, None, None)
    harm = check_guardrail(
        kind=metric.kind,
        control=first,
        treatment=second,
        n_planned=max(1, rules.guard_units or rules.n_planned),
        margin=margin,
        is_higher_better=metric.higher_is_better,
        alpha=rules.guard_alpha or rules.alpha,
    )
    p_safe, is_safe = _find_safety(metric, first, second, rules)
    is_harmed = isinstance(harm, Guardrail) and harm.is_harmed
    state = HARMED if is_harmed else SAFE if is_safe else OPEN
    return GuardrailState(variation, margin, state, harm.p_value if isinstance(harm, Guardrail) else None, p_safe)


def _find_safety(metric: MetricFacts, control: Arm, treatment: Arm, rules: Rules) -> tuple[float | None, bool]:
    """The p-value of "worse by the margin or more", and whether a read-out that may be used now rejects it."""
    margin = metric.margin or 0.0
    sequential_alpha, fixed_alpha = split_alpha(rules.alpha)
    p_sequential = _find_sequential_safety(metric, control, treatment, rules.n_planned, sequential_alpha)
    is_safe = p_sequential is not None and p_sequential <= sequential_alpha
    if not rules.is_over or margin <= 0:
        return p_sequential, is_safe
    fixed = check_non_inferiority(
        kind=metric.kind,
        control=control,
        treatment=treatment,
        margin=margin,
        is_higher_better=metric.higher_is_better,
        alpha=fixed_alpha,
    )
    if not isinstance(fixed, NonInferiority):
        return p_sequential, is_safe
    return fixed.p_value, is_safe or fixed.is_shown


def _find_sequential_safety(
    metric: MetricFacts, control: Arm, treatment: Arm, n_planned: int, alpha: float
) -> float | None:
    arms = read_as_means(metric.kind, control, treatment)
    if isinstance(arms, Inconclusive):
        return None
    worse = -(metric.margin or 0.0) if metric.higher_is_better else (metric.margin or 0.0)
    found = always_valid(
        control=arms[0].scaled(1 + worse),
        treatment=arms[1],
        n_planned=max(1, n_planned),
        alpha=alpha,
        alternative="greater" if metric.higher_is_better else "less",
    )
    return None if isinstance(found, Inconclusive) else found.p_value
