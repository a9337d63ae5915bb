"""What the next step of a ramp waits for: time, sample, approval, or somebody to resume."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.models import Phase, Snapshot, Status
from experiments.panel import Panel
from experiments.steps import Step


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing; `state` is done, waiting or blocked."""

    name: str
    told: str
    state: str


def describe_waits(panel: Panel, moment: datetime) -> list[Wait]:
    """What is still missing for the next step, and what is there already; at the last step, what the end waits for."""
    phase = panel.phase
    if phase is None or not panel.is_open:
        return []
    current = panel.steps[min(phase.step, len(panel.steps) - 1)]
    waits = [_wait_for_time(phase, current, moment), *_wait_for_sample(phase, current)]
    if panel.next_step is not None and panel.next_step.needs_approval:
        waits.append(_wait_for_approval(phase))
    if panel.status == Status.HELD:
        waits.append(Wait("Resume", "It is held: no step follows before somebody resumes.", "blocked"))
    return waits


def _wait_for_time(phase: Phase, step: Step, moment: datetime) -> Wait:
    left = phase.step_started_at + timedelta(hours=step.hours) - moment
    if left <= timedelta(0):
        return Wait("Time", f"{step.hours:g} hours are over.", "done")
    hours, minutes = divmod(int(left.total_seconds() // 60), 60)
    return Wait("Time", f"{hours} h {minutes} min of {step.hours:g} hours are left.", "waiting")


def _wait_for_sample(phase: Phase, step: Step) -> list[Wait]:
    newest = Snapshot.objects.filter(phase=phase).first()
    counted = newest.n_units if newest is not None else {}
    least = min((counted.get(key, 0) for key, _ in phase.read_weights()), default=0)
    if step.min_units is None:
        return []
    state = "done" if least >= step.min_units else "waiting"
    return [Wait("Sample", f"{least:,} of {step.min_units:,} shoppers in the smallest variation.", state)]


def _wait_for_approval(phase: Phase) -> Wait:
    if (phase.approved_step or 0) > phase.step:
        return Wait("Approval", "Given.", "done")
    return Wait("Approval", "Somebody has to approve the next step.", "blocked")
