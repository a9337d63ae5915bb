"""Thompson sampling as a ramp's option: once a day new weights, as a new phase that is analysed apart."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments import analysis
from experiments.changes import Change
from experiments.conf import now as read_now
from experiments.looks import Look
from experiments.metrics import all_metrics
from experiments.models import Allocation, Phase, RampAction, RampChange
from experiments.samples import LEAST_UNITS
from experiments.shares import format_percent
from experiments.stats import Arm, Inconclusive
from experiments.thompson import allocate

EVERY = timedelta(hours=24)
# Least weight of each variation, unless there are so many that they could not all have it.
FLOOR_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class NewWeights:
    """What the next phase is to start with, and why."""

    weights_bp: tuple[tuple[str, int], ...]
    reason: str


def find_new_weights(look: Look, now: datetime) -> NewWeights | None:
    """The weights of the next day; None where they are fixed, the day is not over, or the data say nothing new.

    Args:
        look: A look at the open phase.
        now: The project's time.
    """
    phase, metric = look.phase, all_metrics().get(look.plan.primary_metric)
    if look.plan.allocation != Allocation.THOMPSON or metric is None or now < phase.started_at + EVERY:
        return None
    keys = [key for key, _ in phase.read_weights()]
    arms = _add_up(phase, look, metric.key, keys)
    # Below, chance alone would open a phase a day.
    if min(arm.n for arm in arms.values()) < LEAST_UNITS:
        return None
    found = allocate(
        arms=arms,
        seed=f"{phase.salt}|{now:%Y-%m-%d}",
        kind=metric.kind,
        floor_share=min(FLOOR_SHARE, 0.5 / len(keys)),
        is_higher_better=metric.higher_is_better,
    )
    if isinstance(found, Inconclusive) or found.weights_bp == phase.read_weights():
        return None
    told = ", ".join(f"{key} {format_percent(weight_bp)}" for key, weight_bp in found.weights_bp)
    chances = ", ".join(f"{key} {chance:.0%}" for key, chance in found.chances)
    return NewWeights(found.weights_bp, f"Chances to be best by {metric.name}: {chances}. New weights: {told}.")


def open_next(change: Change, weights: NewWeights) -> RampChange:
    """End the open phase and open one with the new weights: same plan, coverage and step, another salt.

    The step's time goes on, or a step longer than a day would never end.
    """
    last = change.get_phase()
    change.end_phase()
    change.phase = Phase.objects.create(
        experiment=change.experiment,
        number=last.number + 1,
        coverage_bp=last.coverage_bp,
        weights_bp=[list(pair) for pair in weights.weights_bp],
        plan=last.plan,
        step=last.step,
        approved_step=last.approved_step,
        step_started_at=last.step_started_at,
        started_at=read_now(),
    )
    return change.record(RampAction.REALLOCATE)


def _add_up(phase: Phase, look: Look, metric: str, keys: list[str]) -> dict[str, Arm]:
    """Outcomes of each variation since the experiment was last started: this phase's and its predecessors'."""
    arms = {key: Arm() for key in keys}
    started = phase.experiment.ramp_changes.filter(action=RampAction.START).first()
    first = started.phase.number if started is not None and started.phase is not None else phase.number
    snapshots = [
        analysis.latest(earlier.pk)
        for earlier in phase.experiment.phases.filter(number__gte=first, number__lt=phase.number)
    ]
    for snapshot in [*snapshots, look.snapshot]:
        if snapshot is not None:
            for key, arm in analysis.read_arms(snapshot, metric).items():
                arms[key] = arms.get(key, Arm()) + arm
    return arms
