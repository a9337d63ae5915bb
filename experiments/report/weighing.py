"""PURE step from what was read to the verdict's evidence."""

from collections.abc import Mapping, Sequence

from experiments.report.guards import HARMED, SAFE
from experiments.report.values import Comparison, MetricLine
from experiments.verdict import ArmEvidence, Finding, MetricEvidence, Role


def weigh_arms(
    metrics: Sequence[MetricLine], variations: Sequence[str], names: Mapping[str, str], *, is_over: bool
) -> tuple[ArmEvidence, ...]:
    """The evidence of each variation but control.

    Args:
        metrics: As read.
        variations: Keys, the most promising first.
        names: Their names.
        is_over: Whether the findings rest on the fixed read-out too.
    """
    return tuple(
        ArmEvidence(
            names.get(variation, variation),
            tuple(
                evidence for metric in metrics if (evidence := _weigh(metric, variation, is_over=is_over)) is not None
            ),
        )
        for variation in variations
    )


def _weigh(metric: MetricLine, variation: str, *, is_over: bool) -> MetricEvidence | None:
    comparison = next((found for found in metric.comparisons if found.variation == variation), None)
    if comparison is None:
        return None
    finding, is_safe = _find(metric, comparison)
    return MetricEvidence(
        name=metric.name,
        role=Role(metric.role),
        sequential=Finding.UNDECIDED if is_over else finding,
        fixed=finding if is_over else Finding.UNDECIDED,
        is_safe_sequential=is_safe and not is_over,
        is_safe_fixed=is_safe and is_over,
        unknown_reason=comparison.reason,
    )


def _find(metric: MetricLine, comparison: Comparison) -> tuple[Finding, bool]:
    """A guardrail is judged against its margin, every other metric against no change."""
    state = next((guard.state for guard in metric.guardrails if guard.variation == comparison.variation), None)
    if state is None:
        return Finding(comparison.finding), False
    return (Finding.WORSE if state == HARMED else Finding.UNDECIDED), state == SAFE
