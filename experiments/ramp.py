"""Who sees a feature: schedule, start, set the share, approve a step; with `switches`, the only writers of phases.

What holds for all services is said in `experiments.switches`, whose services can be had here too.
"""

from datetime import datetime

from django.db import transaction

from experiments import endings
from experiments.bucketing import BUCKETS
from experiments.changes import Change
from experiments.conf import now
from experiments.exceptions import IllegalRamp, PlanIncomplete
from experiments.layers import claim_slots
from experiments.models import Phase, RampAction, RampChange, Status, make_salt
from experiments.places import lock_places
from experiments.plan import find_faults, find_featured, freeze_plan, read_plan
from experiments.shares import are_weights_complete, format_percent, split_evenly
from experiments.steps import find_place, read_steps
from experiments.switches import complete, hold, reopen, resume, roll_back, ship, stop

__all__ = [
    "approve_step",
    "complete",
    "hold",
    "ramp_to",
    "reopen",
    "resume",
    "roll_back",
    "schedule",
    "set_coverage",
    "ship",
    "start",
    "stop",
]

Weights = tuple[tuple[str, int], ...]


def schedule(
    key: str, *, at: datetime, actor: str, reason: str, expected_change_id: int | None = None
) -> RampChange | None:
    """Have the first step begin by itself at a time; `stop` takes it back.

    Args:
        key, actor, reason, expected_change_id: See `experiments.switches`.
        at: When, aware and in the future; the ramp controller starts it within a minute of that.

    Returns:
        The change, or None when it is scheduled for then already.

    Raises:
        IllegalRamp: also `time_passed`, `weights_invalid`.
        PlanIncomplete: `plan_incomplete`, with each field at fault.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.SCHEDULED and change.experiment.scheduled_for == at:
            return None
        change.require("schedule")
        change.refuse_if_stale(expected_change_id)
        if at <= now():
            raise IllegalRamp("time_passed", f"at == {at:%Y-%m-%d %H:%M} UTC, which has passed: give a later time.")
        _check_plan(change, find_draft_weights(change), at)
        change.experiment.scheduled_for = at
        change.experiment.save(update_fields=["scheduled_for"])
        change.move(Status.SCHEDULED)
        return change.record(RampAction.SCHEDULE)


def start(
    key: str,
    *,
    actor: str,
    reason: str,
    coverage_bp: int | None = None,
    weights_bp: Weights | None = None,
    expected_change_id: int | None = None,
    salt: str | None = None,
) -> RampChange | None:
    """Open a new phase with a new salt and a frozen copy of the plan.

    Args:
        key, actor, reason, expected_change_id: See `experiments.switches`.
        coverage_bp: Share of all units included, 0..10,000 basis points; the first step's when left out.
        weights_bp: (variation key, basis points) summing to 10,000; the draft's when left out.
        salt: 32 hex digits of the phase's own, for a simulation that must come out the same again; random when left
            out, as it must be wherever real shoppers are randomised.

    Returns:
        The change, or None when exactly this phase is already running.

    Raises:
        IllegalRamp: also `coverage_out_of_range`, `weights_invalid`, `weights_changed` (a phase with other weights is
            open), `already_running` (at another coverage), `slots_taken`, `layer_full`.
        PlanIncomplete: `plan_incomplete`, with each field at fault.
    """
    if coverage_bp is not None:
        endings.check_coverage(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.RUNNING and change.phase is not None:
            _check_same_start(change, change.phase, coverage_bp, weights_bp)
            return None
        change.require("start")
        change.refuse_if_stale(expected_change_id)
        return open_phase(change, coverage_bp, weights_bp, salt=salt)


def set_coverage(
    key: str, *, coverage_bp: int, actor: str, reason: str, expected_change_id: int | None = None
) -> RampChange | None:
    """Include more or fewer units in the open phase; nobody included before and after changes variation.

    A person who goes to a step has approved it, and no later one. While held, the share can only be lowered. A share
    that was lowered stays until a person approves the next step, raises it, or holds and resumes; one below the first
    step until a person sets that of a step.

    Args:
        key, actor, reason, expected_change_id: See `experiments.switches`.
        coverage_bp: Share of all units included, 1..10,000 basis points.

    Returns:
        The change, or None when the coverage is already that.

    Raises:
        IllegalRamp: also `coverage_out_of_range`, `share_zero` (roll it back instead), `experiment_held`.
    """
    endings.check_share(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if coverage_bp == change.old_coverage_bp and _is_open(change) and not change.is_overruled:
            return None
        change.require("set_coverage")
        change.refuse_if_stale(expected_change_id)
        phase = change.get_phase()
        if change.old_status == Status.HELD and coverage_bp > phase.coverage_bp:
            raise IllegalRamp("experiment_held", f"{key!r} is held: resume it before more shoppers see it.")
        step = find_place(read_plan(phase).steps, coverage_bp)
        change.set_coverage(coverage_bp, step=step, approved_step=step)
        return change.record(RampAction.SET_COVERAGE)


def ramp_to(
    key: str, *, coverage_bp: int, actor: str, reason: str, expected_change_id: int | None = None
) -> RampChange | None:
    """Bring an experiment to a coverage from whatever status it is in: start, reopen, or change its phase.

    From completed and shipped it opens a new phase, analysed apart.

    Args:
        key, actor, reason, expected_change_id: See `experiments.switches`.
        coverage_bp: Share of all units included, 1..10,000 basis points.

    Returns:
        The last change made, or None when it is running at this coverage already.

    Raises:
        IllegalRamp, PlanIncomplete: As `start`, `reopen` and `set_coverage` say.
    """
    endings.check_share(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if coverage_bp == change.old_coverage_bp and _is_open(change) and not change.is_overruled:
            return None
        change.refuse_if_stale(expected_change_id)
        if _is_open(change):
            return set_coverage(key, coverage_bp=coverage_bp, actor=actor, reason=reason)
        if change.old_status == Status.ROLLED_BACK and change.phase is not None:
            return reopen(key, coverage_bp=coverage_bp, actor=actor, reason=reason)
        if change.old_status not in {Status.DRAFT, Status.SCHEDULED}:
            endings.stop(change)
        return open_phase(change, coverage_bp, None)


def approve_step(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """Agree to the next step; the ramp controller goes there once time and sample are reached.

    Returns:
        The change, or None when it is approved already.

    Raises:
        IllegalRamp: also `no_next_step`.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        change.require("approve_step")
        phase = change.get_phase()
        following = phase.step + 1
        if (phase.approved_step or 0) >= following:
            return None
        change.refuse_if_stale(expected_change_id)
        steps = read_plan(phase).steps
        if following >= len(steps):
            raise IllegalRamp("no_next_step", f"{key!r} is at its last step: there is nothing to approve.")
        phase.approved_step = following
        phase.save(update_fields=["approved_step"])
        return change.record(RampAction.APPROVE)


def open_phase(
    change: Change, coverage_bp: int | None, weights_bp: Weights | None, *, salt: str | None = None
) -> RampChange:
    """Open the next phase on a change that has begun, once the plan is complete and the layer has room.

    Raises:
        IllegalRamp: `weights_invalid`, `slots_taken`, `layer_full`, `illegal_transition`.
        PlanIncomplete: `plan_incomplete`.
    """
    experiment = change.experiment
    weights = _check_weights(change, weights_bp) if weights_bp is not None else find_draft_weights(change)
    _check_plan(change, weights, now())
    claim_slots(experiment)
    steps = read_steps(experiment.steps, find_featured(experiment, weights))
    wanted_bp = steps[0].coverage_bp if coverage_bp is None else coverage_bp
    change.phase = _insert_phase(change, weights, wanted_bp, find_place(steps, wanted_bp), salt or make_salt())
    experiment.scheduled_for = None
    experiment.save(update_fields=["scheduled_for"])
    change.move(Status.RUNNING)
    return change.record(RampAction.START)


def find_draft_weights(change: Change) -> Weights:
    """The weights that a draft's variations name; equal ones where they name none.

    Raises:
        IllegalRamp: `weights_invalid`.
    """
    rows = list(change.experiment.variations.all())
    if all(row.weight_bp is None for row in rows):
        return split_evenly([row.key for row in rows])
    return _check_weights(change, tuple((row.key, row.weight_bp or 0) for row in rows))


def _insert_phase(change: Change, weights: Weights, coverage_bp: int, step: int, salt: str) -> Phase:
    last = change.experiment.phases.order_by("-number").first()
    return Phase.objects.create(
        experiment=change.experiment,
        number=last.number + 1 if last is not None else 1,
        coverage_bp=coverage_bp,
        weights_bp=[list(pair) for pair in weights],
        salt=salt,
        plan=freeze_plan(change.experiment, weights_bp=weights),
        step=step,
        approved_step=step,
        step_started_at=now(),
        started_at=now(),
    )


def _check_plan(change: Change, weights: Weights, start_at: datetime) -> None:
    lock_places()
    faults = find_faults(change.experiment, weights_bp=weights, start_at=start_at)
    if faults:
        raise PlanIncomplete(change.experiment.key, faults)


def _check_weights(change: Change, asked: Weights) -> Weights:
    keys = [variation.key for variation in change.experiment.variations.all()]
    if not are_weights_complete(asked, keys):
        raise IllegalRamp(
            "weights_invalid", f"weights_bp == {asked}, must give each of {keys} at most once and sum to {BUCKETS}."
        )
    return asked


def _check_same_start(change: Change, phase: Phase, coverage_bp: int | None, weights_bp: Weights | None) -> None:
    """Starting again is fine as long as it asks for what is there."""
    key = change.experiment.key
    if weights_bp is not None and phase.read_weights() != weights_bp:
        raise IllegalRamp(
            "weights_changed", f"{key!r} runs with other weights, and moving them would move shoppers: stop it first."
        )
    if coverage_bp is not None and phase.coverage_bp != coverage_bp:
        share = format_percent(phase.coverage_bp)
        raise IllegalRamp("already_running", f"{key!r} runs at a coverage of {share}: set its coverage instead.")


def _is_open(change: Change) -> bool:
    return change.old_status in {Status.RUNNING, Status.HELD}
