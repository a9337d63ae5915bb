"""What the next step of a ramp waits for: time, sample, approval, or somebody to resume."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.brakes import tell_below_first
from experiments.concerns import Concern, Gravity
from experiments.looks import Look
from experiments.models import Phase, Status
from experiments.panel import Panel
from experiments.steps import Step

NAMES = {
    Gravity.WAIT: "Waits",
    Gravity.HOLD: "Health",
    Gravity.ROLL_BACK: "Guardrail",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing; `state` is done, waiting or blocked."""

    name: str
    told: str
    state: str


def describe_waits(panel: Panel, look: Look, moment: datetime) -> list[Wait]:
    """What the ramp controller waits for before the next step, and what is there already; nothing at the last step."""
    if panel.next_step is None:
        return []
    phase, step = look.phase, look.plan.steps[look.phase.step]
    waits = [_wait_for_time(phase, step, moment), _wait_for_sample(look)]
    if panel.asks_approval:
        waits.append(_wait_for_approval(panel, phase))
    if below := tell_below_first(phase, look.plan):
        waits.append(Wait("Share", f"It stays where it is until {below}.", "blocked"))
    if panel.status == Status.HELD:
        waits.append(Wait("Resume", "It is held: no step follows before somebody resumes.", "blocked"))
    waits += [_tell_concern(concern) for concern in look.concerns]
    if not look.concerns and look.snapshot is not None:
        waits.append(Wait("Health", "Nothing speaks against it.", "done"))
    return waits


def _wait_for_time(phase: Phase, step: Step, moment: datetime) -> Wait:
    left = phase.step_started_at + timedelta(hours=step.hours) - moment
    if left <= timedelta(0):
        return Wait("Time", f"The step's {step.hours:g} hours are over.", "done")
    hours, minutes = divmod(int(left.total_seconds() // 60), 60)
    return Wait("Time", f"{hours} h {minutes} min of {step.hours:g} hours are left.", "waiting")


def _wait_for_sample(look: Look) -> Wait:
    state = "done" if look.n_units >= look.min_units else "waiting"
    return Wait("Sample", f"{look.n_units:,} of {look.min_units:,} shoppers in the smallest variation.", state)


def _wait_for_approval(panel: Panel, phase: Phase) -> Wait:
    if (phase.approved_step or 0) > phase.step:
        return Wait("Approval", "Given.", "done")
    why = " The share was lowered by hand: it does not rise by itself." if panel.is_lowered else ""
    return Wait("Approval", f"Somebody has to approve the next step.{why}", "blocked")


def _tell_concern(concern: Concern) -> Wait:
    return Wait(NAMES[concern.gravity], concern.message, "waiting" if concern.gravity is Gravity.WAIT else "blocked")
