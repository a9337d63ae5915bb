"""How many units a step needs before the share may grow: enough to see the harm that the next step could do."""

from collections.abc import Sequence

from experiments.guardrails import GuardedMetric, find_level
from experiments.plan import Plan
from experiments.stats import Arm, Design, Inconclusive, linearise, sample_size

# Below, the normal approximation of all tests is not to be relied on.
LEAST_UNITS = 100
# A metric of few or very different purchases must not stop a ramp for good; time and approval remain.
MOST_UNITS = 5_000
# Finer harm is the last step's to find, which has until the planned end.
LEAST_HARM = 0.1
MOST_HARM = 0.5


def find_min_units(plan: Plan, place: int, *, control: str, metrics: Sequence[GuardedMetric], n_featured: int) -> int:
    """Units that each variation must have at a step before the next one.

    A harm of relative size h costs in proportion to the share that sees it, so that a step which leads to a small
    share may overlook a larger one: with c the coverage of the next step and C that of the last, the step looks for a
    harm of h = m C / c, where m is the metric's margin, 10% at least, and h 50% at most. The units are those that find
    h with the plan's power, one-sided, at the level of a single guardrail, given control's mean and variance so far;
    the guardrail that needs most counts. At least 100, at most 5,000.

    Args:
        plan: the phase's.
        place: the step, from 0.
        control: control's key.
        metrics: the measured guardrails.
        n_featured: variations besides control.

    Returns:
        Units a variation; the step's own number where its plan names one, 0 at the last step.

    Source:
        The sample size of `experiments.stats.sample_size` for means; the rule for h is ours.
    """
    if place + 1 >= len(plan.steps):
        return 0
    step, following, last = plan.steps[place], plan.steps[place + 1], plan.steps[-1]
    if step.min_units is not None:
        return step.min_units
    growth = last.coverage_bp / following.coverage_bp
    level = find_level(plan, n_featured=n_featured)
    needed = [
        _find_units(metric, metric.arms.get(control, Arm()), growth, level, plan.power)
        for metric in metrics
        if metric.rule.metric
    ]
    return min(max([LEAST_UNITS, *needed]), MOST_UNITS)


def _find_units(metric: GuardedMetric, arm: Arm, growth: float, level: float, power: float) -> int:
    """Units a variation for one metric; the least where control does not yet say how it varies."""
    as_mean = linearise(arm) if metric.kind == "ratio" else arm
    if isinstance(as_mean, Inconclusive) or as_mean.n < LEAST_UNITS or not as_mean.variance_y or as_mean.mean_y <= 0:
        return LEAST_UNITS
    harm = min(max(metric.rule.margin, LEAST_HARM) * growth, MOST_HARM)
    design = Design(
        kind="mean",
        baseline=as_mean.mean_y,
        variance=as_mean.variance_y,
        alpha=level,
        alternative="less" if metric.is_higher_better else "greater",
    )
    signed = -harm if metric.is_higher_better else harm
    return sample_size(design=design, relative_effect=signed, power=power).n_control
