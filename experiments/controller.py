"""The ramp controller: looks at every experiment that runs, and makes at most one change to each at a time.

A look is taken without holding anything up. What it decides is then done under the experiment's lock, and only if
nobody has changed the experiment since: so two ticks at once, a tick beside a person's click and a tick that was killed
in between leave one change, whole, or none.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from experiments import allocation, endings, ramp
from experiments.changes import Change
from experiments.concerns import Gravity, find_gravest
from experiments.exceptions import IllegalRamp
from experiments.freezing import freeze_results
from experiments.looks import Look, find_outlook, look_again
from experiments.models import Experiment, RampAction, RampChange, Status
from experiments.shares import format_percent

logger = logging.getLogger(__name__)

ACTOR = "ramp controller"
# Rules that let more shoppers see it, or other ones; not where somebody has switched the flag since the look.
STARTING = frozenset({"schedule", "step", "thompson"})
WATCHED = (Status.SCHEDULED, Status.RUNNING, Status.HELD)
# A round must end before the next but one begins; who was not reached is first in the next.
ROUND_S = 100.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, why, and by which rule; `apply` does it on a change that has begun."""

    code: str
    reason: str
    apply: Callable[[Change], RampChange]
    facts: Mapping[str, Any] = field(default_factory=dict)


def tick(now: datetime) -> list[RampChange]:
    """Look at every scheduled, running or held experiment, longest unseen first, and change what must change.

    Safe to repeat and to run twice at once. What fails is logged and does not keep the others waiting.

    Args:
        now: The project's time.

    Returns:
        The changes made, at most one an experiment.
    """
    give_up_at = time.monotonic() + ROUND_S
    waiting = Experiment.objects.filter(status__in=WATCHED).annotate(seen_at=Max("phases__snapshots__taken_at"))
    made = []
    for key in waiting.order_by(F("seen_at").asc(nulls_first=True), "pk").values_list("key", flat=True):
        if time.monotonic() >= give_up_at:
            logger.warning("The round of ramps is over before its end.", extra={"code": "ramp_round_long"})
            break
        try:
            change = watch(key, now)
        except Exception:
            logger.exception("An experiment could not be looked at.", extra={"experiment": key, "code": "ramp_failed"})
            continue
        if change is not None:
            made.append(change)
    freeze_results(now)
    return made


def watch(key: str, now: datetime) -> RampChange | None:
    """Look at one experiment and do what must be done, if nobody else changed it meanwhile.

    Args:
        key: The experiment's key.
        now: The project's time.
    """
    experiment = Experiment.objects.select_related("flag").get(key=key)
    newest = experiment.ramp_changes.first()
    seen_id = newest.pk if newest is not None else 0
    if experiment.status == Status.SCHEDULED:
        return _start_due(experiment, seen_id, now)
    phase = experiment.find_open_phase()
    if phase is None or experiment.status not in WATCHED:
        return None
    phase.experiment = experiment
    decision = decide(look_again(phase, now), now)
    return _apply(key, decision, seen_id) if decision is not None else None


def decide(look: Look, now: datetime) -> Decision | None:
    """The one thing to do after a look, the gravest first; None to let everything be.

    Broken guardrails roll back, the planned end completes, doubts about health hold, and only where nothing speaks
    against it the next step follows. An inconclusive guardrail stops nothing, and proves nothing: at the end it keeps
    control.
    """
    concern = find_gravest(list(look.concerns))
    is_held = look.phase.experiment.status == Status.HELD
    if concern is not None and concern.gravity is Gravity.ROLL_BACK:
        return Decision(concern.code, concern.message, endings.roll_back, concern.facts)
    end_at = look.plan.planned_end_at
    if end_at is not None and now >= end_at:
        return Decision("planned_end", f"The planned end, {end_at:%Y-%m-%d %H:%M} UTC, is reached.", endings.complete)
    if is_held:
        return None
    if concern is not None:
        return (
            Decision(concern.code, concern.message, _hold, concern.facts) if concern.gravity is Gravity.HOLD else None
        )
    if find_outlook(look, now).is_due:
        return _advance(look)
    weights = allocation.find_new_weights(look, now)
    if weights is None:
        return None
    return Decision("thompson", weights.reason, lambda change: allocation.open_next(change, weights))


def find_unattended() -> list[RampChange]:
    """The newest change of each experiment that the controller held or rolled back and nobody has touched since."""
    stopped = Experiment.objects.filter(status__in=(Status.HELD, Status.ROLLED_BACK)).order_by("key")
    newest = [change for experiment in stopped if (change := experiment.ramp_changes.first()) is not None]
    return [change for change in newest if change.actor == ACTOR]


def _advance(look: Look) -> Decision:
    place = look.phase.step + 1
    step = look.plan.steps[place]

    def go(change: Change) -> RampChange:
        change.set_coverage(step.coverage_bp, step=place)
        return change.record(RampAction.ADVANCE)

    passed = look.plan.steps[place - 1]
    reason = (
        f"Step {place} of {len(look.plan.steps)} ran its {passed.hours:g} h, its smallest variation has "
        f"{look.n_units:,} units of {look.min_units:,} needed, and no guardrail is broken: now "
        f"{format_percent(step.seen_bp)} see it."
    )
    return Decision("step", reason, go, {"n_units": look.n_units, "min_units": look.min_units})


def _hold(change: Change) -> RampChange:
    change.move(Status.HELD)
    return change.record(RampAction.HOLD)


def _start_due(experiment: Experiment, seen_id: int, now: datetime) -> RampChange | None:
    """Start what is due; what cannot start any more becomes a draft again, and says why."""
    if experiment.scheduled_for is None or experiment.scheduled_for > now:
        return None
    told = f"Scheduled for {experiment.scheduled_for:%Y-%m-%d %H:%M} UTC."
    if experiment.flag.everyone is not None:
        told = "It did not start: its flag was switched elsewhere. Look why, then schedule it again."
        return _apply(experiment.key, Decision("flag_overruled", told, endings.stop), seen_id)
    try:
        return _apply(
            experiment.key, Decision("schedule", told, lambda change: ramp.open_phase(change, None, None)), seen_id
        )
    except IllegalRamp as refusal:
        return _apply(experiment.key, Decision("schedule", f"It could not start: {refusal}", endings.stop), seen_id)


def _apply(key: str, decision: Decision, seen_id: int) -> RampChange | None:
    with transaction.atomic():
        change = Change.begin(key, ACTOR, decision.reason)
        newest = change.experiment.ramp_changes.first()
        if (newest.pk if newest is not None else 0) != seen_id:
            return None
        if decision.code in STARTING and change.is_overruled:
            return None
        change.code, change.facts = decision.code, decision.facts
        return decision.apply(change)
