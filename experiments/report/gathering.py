"""From a stored snapshot to each metric's facts, in the order to read them; no unit is looked at."""

from collections.abc import Mapping, Sequence

from experiments import analysis
from experiments.metrics import MetricDefinition
from experiments.models import Snapshot
from experiments.plan import Plan
from experiments.report.facts import MetricFacts
from experiments.stats import Arm, StatsError
from experiments.verdict import Role

GONE = "It is no longer defined: neither in code nor in the admin is there a metric of this key."
NOT_MEASURED = "The snapshot does not hold it yet; the next one will."
UNREADABLE = "Its stored sums contradict themselves; rebuild the snapshot."


def gather_metrics(
    snapshot: Snapshot, plan: Plan, definitions: Mapping[str, MetricDefinition]
) -> tuple[MetricFacts, ...]:
    """Every metric of a phase: the primary one, guardrails, those planned to be explored, then all others measured.

    Args:
        snapshot: The one to read.
        plan: The phase's.
        definitions: All that are known now, by key.

    Returns:
        Facts by metric; one that is gone from the code says so instead of carrying sums.
    """
    margins = {guardrail.metric: guardrail.margin for guardrail in plan.guardrails}
    roles = {plan.primary_metric: Role.SUCCESS} if plan.primary_metric else {}
    roles |= {key: Role.GUARDRAIL for key in margins if key not in roles}
    others = [key for key in definitions if key in snapshot.sums]
    roles |= {key: Role.EXPLORATORY for key in (*plan.secondary_metrics, *others) if key not in roles}
    return tuple(
        gather_metric(snapshot, definitions.get(key), key, role, margins.get(key) if role is Role.GUARDRAIL else None)
        for key, role in roles.items()
    )


def gather_metric(
    snapshot: Snapshot, definition: MetricDefinition | None, key: str, role: Role, margin: float | None
) -> MetricFacts:
    """One metric's facts, or why there are none."""
    if definition is None:
        return MetricFacts(key=key, name=key, role=role, margin=margin, missing=GONE)
    sums = snapshot.sums.get(key) or {}
    results = snapshot.results.get(key) or {}
    previous = {variation: float(found.get("hybrid_min_p", 1.0)) for variation, found in results.items()}
    signs = {variation: int(sign) for variation, found in results.items() if (sign := found.get("hybrid_min_sign"))}
    try:
        arms, covariates = analysis.read_arms(snapshot, key), analysis.read_covariates(snapshot, key)
    except (StatsError, TypeError):
        return describe_metric(definition, role=role, margin=margin, missing=UNREADABLE)
    return describe_metric(
        definition,
        role=role,
        margin=margin,
        arms=arms,
        covariates=covariates,
        previous_p=previous,
        previous_sign=signs,
        missing="" if sums else NOT_MEASURED,
    )


def describe_metric(
    definition: MetricDefinition,
    *,
    role: Role,
    margin: float | None = None,
    arms: Mapping[str, Arm] | None = None,
    covariates: Mapping[str, Arm] | None = None,
    previous_p: Mapping[str, float] | None = None,
    previous_sign: Mapping[str, int] | None = None,
    missing: str = "",
) -> MetricFacts:
    """A definition and its sums as facts."""
    return MetricFacts(
        key=definition.key,
        name=definition.name,
        role=role,
        kind=definition.kind,
        description=definition.description,
        unit=definition.measured,
        higher_is_better=definition.higher_is_better,
        window_days=definition.window_days,
        arms=arms or {},
        covariates=covariates or {},
        previous_p=previous_p or {},
        previous_sign=previous_sign or {},
        margin=margin,
        missing=missing,
    )


def find_order(variations: Sequence[str], metrics: Sequence[MetricFacts], control: str) -> list[str]:
    """Variations but control, the one with the best primary metric first."""
    primary = next((metric for metric in metrics if metric.role is Role.SUCCESS and not metric.missing), None)
    others = [key for key in variations if key != control]
    if primary is None:
        return others
    sign = 1.0 if primary.higher_is_better else -1.0

    def find_value(key: str) -> float:
        arm = primary.arms.get(key)
        if arm is None or not arm.n:
            return float("-inf")
        return sign * (arm.mean_y / arm.mean_x if primary.kind == "ratio" and arm.mean_x else arm.mean_y)

    return sorted(others, key=find_value, reverse=True)
