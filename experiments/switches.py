"""What stops, ends or ships an experiment, and what brings it back.

Every change is made under the experiment's lock, is safe to repeat, and leaves a RampChange saying who, from what,
to what and why. A change that is already so is no change: nothing is written and None comes back.

All take the experiment's key, `actor` (who), `reason` (why) and `expected_change_id`: the newest RampChange that the
actor had seen, 0 for none, None for not asked. All raise UnknownExperiment (`unknown_experiment`) and IllegalRamp
(`actor_missing`, `reason_missing`, `stale_page`: somebody changed it meanwhile, `illegal_transition`: the present
status does not allow it).
"""

from django.db import transaction

from experiments import endings
from experiments.changes import Change
from experiments.exceptions import IllegalRamp
from experiments.layers import release_slots
from experiments.models import Experiment, RampAction, RampChange, Status, Variation
from experiments.plan import read_plan
from experiments.steps import find_place


def hold(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """Keep the share as it is: no step follows before somebody resumes. Guardrails go on watching.

    Returns:
        The change, or None when it is held already.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.HELD:
            return None
        change.require("hold")
        change.refuse_if_stale(expected_change_id)
        change.move(Status.HELD)
        return change.record(RampAction.HOLD)


def resume(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """Let the ramp go on from the step at which it was held; the step's time begins again.

    Returns:
        The change, or None when it is running already.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.RUNNING and not change.is_overruled:
            return None
        change.require("resume")
        change.refuse_if_stale(expected_change_id)
        phase = change.get_phase()
        change.move(Status.RUNNING)
        change.set_coverage(phase.coverage_bp, step=phase.step)
        return change.record(RampAction.RESUME)


def roll_back(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """Kill switch: coverage 0 and control for everyone, in every process within five seconds, whatever the status.

    The phase stays open, so that reopening returns everybody to their own variation. Where nobody sees the feature
    anyway (draft, scheduled, completed) only a flag that was switched past this app is put right.

    Returns:
        The change, or None when nobody sees it already.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status in {Status.ROLLED_BACK, *UNSEEN} and not change.is_overruled:
            return None
        change.refuse_if_stale(expected_change_id)
        return endings.roll_back(change)


def reopen(
    key: str, *, actor: str, reason: str, coverage_bp: int | None = None, expected_change_id: int | None = None
) -> RampChange | None:
    """Let the phase that was rolled back decide again; everybody returns to their own variation.

    A shipped feature that was rolled back is shipped again.

    Args:
        key, actor, reason, expected_change_id: See the module.
        coverage_bp: Share of all units included; the first step's when left out, since trust is won anew.

    Returns:
        The change, or None when it is running or shipped already.

    Raises:
        IllegalRamp: also `coverage_out_of_range`; `guardrail_tripped`: a guardrail rolled this phase back, and its
            data would do so again; `not_running`: nothing was rolled back that could return.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status in {Status.RUNNING, Status.SHIPPED} and not change.is_overruled:
            return None
        change.require("reopen")
        change.refuse_if_stale(expected_change_id)
        if change.phase is None:
            return _ship_again(change)
        endings.refuse_tripped(change)
        steps = read_plan(change.phase).steps
        wanted_bp = steps[0].coverage_bp if coverage_bp is None else coverage_bp
        endings.check_coverage(wanted_bp)
        change.move(Status.RUNNING)
        step = find_place(steps, wanted_bp)
        change.set_coverage(wanted_bp, step=step, approved_step=step)
        return change.record(RampAction.REOPEN)


def complete(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """End the phase and freeze its result; nobody sees the feature until it is shipped. Inconclusive keeps control.

    Returns:
        The change, or None when it is completed already.

    Raises:
        IllegalRamp: also `not_running`: no phase was ever opened, so that there is no result.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.COMPLETED:
            return None
        change.require("complete")
        change.refuse_if_stale(expected_change_id)
        return endings.complete(change)


def ship(
    key: str, *, actor: str, reason: str, variation: str | None = None, expected_change_id: int | None = None
) -> RampChange | None:
    """Give one variation to everyone. A draft may be shipped untested, with a reason; a test is completed first.

    Args:
        key, actor, reason, expected_change_id: See the module.
        variation: Its key; may be left out when there is only one besides control.

    Returns:
        The change, or None when everyone already has it.

    Raises:
        IllegalRamp: also `variation_unknown`, `variation_ambiguous`, `not_completed` (a phase is open).
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        chosen = _choose_shipped(change.experiment, variation)
        is_same = change.experiment.shipped_id == chosen.pk and not change.is_overruled
        if change.old_status == Status.SHIPPED and is_same:
            return None
        if change.phase is not None:
            raise IllegalRamp("not_completed", f"{key!r} is being tested: complete it first, which freezes its result.")
        change.require("ship")
        change.refuse_if_stale(expected_change_id)
        change.experiment.shipped = chosen
        change.experiment.save(update_fields=["shipped"])
        # What everybody sees needs no slots; keeping them could bar the way of its own kill switch later.
        release_slots(change.experiment)
        change.move(Status.SHIPPED)
        return change.record(RampAction.SHIP)


def stop(key: str, *, actor: str, reason: str, expected_change_id: int | None = None) -> RampChange | None:
    """Make it a draft again, so that plan, weights and variations can change; nobody sees the feature.

    A phase that is running or held is completed on the way, with a record of its own.

    Returns:
        The last change, or None when it is a draft already.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_status == Status.DRAFT and not change.is_overruled:
            return None
        change.refuse_if_stale(expected_change_id)
        return endings.stop(change)


UNSEEN = frozenset({Status.DRAFT, Status.SCHEDULED, Status.COMPLETED})


def _ship_again(change: Change) -> RampChange:
    if change.experiment.shipped_id is None:
        raise IllegalRamp("not_running", f"{change.experiment.key!r} has no phase to return to: start one.")
    change.move(Status.SHIPPED)
    return change.record(RampAction.REOPEN)


def _choose_shipped(experiment: Experiment, key: str | None) -> Variation:
    """The variation to give to everyone: the named one, or the only one besides control."""
    variations = list(experiment.variations.all())
    names = [variation.key for variation in variations]
    if key is None:
        featured = [variation for variation in variations if not variation.is_control]
        if len(featured) != 1:
            raise IllegalRamp("variation_ambiguous", f"Say which variation everyone gets: one of {names}.")
        return featured[0]
    for variation in variations:
        if variation.key == key:
            return variation
    raise IllegalRamp("variation_unknown", f"There is no variation {key!r}: choose one of {names}.")
