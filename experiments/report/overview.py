"""The verdicts of many experiments at once, for a list: what decides is read, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import OuterRef, Subquery

from experiments.metrics import MetricDefinition, all_metrics
from experiments.models import Experiment, Phase, RampAction, RampChange, Snapshot
from experiments.plan import read_plan
from experiments.report.deciding import gather, judge
from experiments.report.values import Decision

# Wide, and no part of any verdict.
UNREAD = ("covariates", "triggered", "segments", "row_health")
STOPS = (RampAction.ROLL_BACK, RampAction.REOPEN)


def decide_all(experiments: Sequence[Experiment]) -> dict[int, Decision]:
    """The verdict on the newest phase of each experiment, the same as its report's.

    It takes the same few queries for any number of experiments, and reads success metrics and guardrails alone.

    Args:
        experiments: With their variations prefetched.

    Returns:
        Verdicts by the experiment's primary key; one without a snapshot has none.
    """
    by_pk = {experiment.pk: experiment for experiment in experiments}
    newest = _find_newest(list(by_pk))
    phases = Phase.objects.in_bulk(newest)
    snapshots = Snapshot.objects.defer(*UNREAD).in_bulk(newest.values())
    changes = _find_stops(list(newest))
    known = all_metrics() if newest else {}
    decisions = {}
    for phase in phases.values():
        phase.experiment = by_pk[phase.experiment_id]
        snapshot = snapshots[newest[phase.pk]]
        decisions[phase.experiment_id] = _decide(phase, snapshot, known, changes[phase.pk])
    return decisions


def _find_newest(experiment_ids: Sequence[int]) -> dict[int, int]:
    """The snapshot to read of each experiment's newest phase, as primary keys; a phase without one is left out."""
    newest = Snapshot.objects.filter(phase=OuterRef("pk")).order_by("-is_final", "-taken_at").values("pk")[:1]
    found = Phase.objects.filter(experiment__in=experiment_ids).order_by("experiment_id", "-number")
    read = found.distinct("experiment_id").values_list("pk", Subquery(newest))
    return {phase_id: snapshot_id for phase_id, snapshot_id in read if snapshot_id is not None}


def _find_stops(phase_ids: Sequence[int]) -> Mapping[int, list[RampChange]]:
    found: dict[int, list[RampChange]] = defaultdict(list)
    for change in RampChange.objects.filter(phase__in=phase_ids, action__in=STOPS).order_by("-id"):
        if change.phase_id is not None:
            found[change.phase_id].append(change)
    return found


def _decide(
    phase: Phase, snapshot: Snapshot, known: Mapping[str, MetricDefinition], changes: Sequence[RampChange]
) -> Decision:
    plan = replace(read_plan(phase), secondary_metrics=())
    judged = {plan.primary_metric, *(guardrail.metric for guardrail in plan.guardrails)}
    snapshot.covariates = {}
    definitions = {key: metric for key, metric in known.items() if key in judged}
    return judge(gather(phase, plan, snapshot, definitions=definitions, changes=changes)).decision
