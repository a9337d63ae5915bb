"""Who sees a feature: start, set the share, turn off, reopen, ship. The only writers of phases and their flags.

Every change is made under the experiment's lock, is safe to repeat, and leaves a RampChange saying who, from what,
to what and why. A change that is already so is no change: nothing is written and None comes back.
"""

from django.db import transaction

from experiments.bucketing import BUCKETS
from experiments.changes import Change
from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment, ExperimentState, Phase, RampAction, RampChange, Variation
from experiments.shares import are_weights_complete, format_percent, split_evenly

Weights = tuple[tuple[str, int], ...]


def start(
    key: str, *, coverage_bp: int, actor: str, reason: str, weights_bp: Weights | None = None
) -> RampChange | None:
    """Open a new phase with a new salt; the flag stops overruling it.

    Args:
        key: The experiment's key.
        coverage_bp: Share of all units included, 0..10,000 basis points.
        actor: Who does it.
        reason: Why.
        weights_bp: (variation key, basis points) summing to 10,000; all variations equally when left out.

    Returns:
        The change, or None when exactly this phase is already running.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`, `coverage_out_of_range`, `weights_invalid`,
            `weights_changed` (a phase with other weights is open), `already_running` (at another coverage),
            `experiment_off` (a phase waits behind the kill switch).
    """
    _check_coverage(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        weights = _choose_weights(change, weights_bp)
        if change.phase is not None:
            _check_same_start(change, change.phase, coverage_bp, weights)
            return None
        last = change.experiment.phases.order_by("-number").first()
        change.phase = Phase.objects.create(
            experiment=change.experiment,
            number=last.number + 1 if last is not None else 1,
            coverage_bp=coverage_bp,
            weights_bp=[list(pair) for pair in weights],
            started_at=now(),
        )
        change.set_everyone(None)
        return change.record(RampAction.START)


def set_coverage(key: str, *, coverage_bp: int, actor: str, reason: str) -> RampChange | None:
    """Include more or fewer units in the open phase; nobody included before and after changes variation.

    Args:
        key: The experiment's key.
        coverage_bp: Share of all units included, 0..10,000 basis points.
        actor: Who does it.
        reason: Why.

    Returns:
        The change, or None when the coverage is already that.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`, `coverage_out_of_range`, `not_running`, `experiment_off`,
            `experiment_shipped`.
    """
    _check_coverage(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        phase = _find_running_phase(change)
        if phase.coverage_bp == coverage_bp:
            return None
        phase.coverage_bp = coverage_bp
        phase.save(update_fields=["coverage_bp"])
        return change.record(RampAction.SET_COVERAGE)


def turn_off(key: str, *, actor: str, reason: str) -> RampChange | None:
    """Kill switch: control for everyone, in every process within five seconds. An open phase waits, unchanged.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_state == ExperimentState.OFF:
            return None
        change.set_everyone(False)
        return change.record(RampAction.TURN_OFF)


def reopen(key: str, *, actor: str, reason: str) -> RampChange | None:
    """Let the phase that waits behind the kill switch decide again; everybody returns to their own variation.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`, `not_running` (no phase waits), `experiment_shipped`.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_state == ExperimentState.RUNNING:
            return None
        if change.old_state == ExperimentState.SHIPPED:
            raise IllegalRamp("experiment_shipped", f"{key!r} is on for everyone: start a new phase instead.")
        if change.phase is None:
            raise IllegalRamp("not_running", f"{key!r} has no phase to return to: start one.")
        change.set_everyone(None)
        return change.record(RampAction.REOPEN)


def stop(key: str, *, actor: str, reason: str) -> RampChange | None:
    """End the open phase for good, so that another can start, with other weights too; nobody sees the feature.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_state == ExperimentState.DRAFT:
            return None
        change.end_phase()
        change.set_everyone(None)
        return change.record(RampAction.STOP)


def ship(
    key: str, *, actor: str, reason: str, variation: str | None = None, expected_change_id: int | None = None
) -> RampChange | None:
    """Give one variation to everyone; an open phase ends, since from now on nobody is compared.

    Args:
        key: The experiment's key.
        actor: Who does it.
        reason: Why.
        variation: Its key; may be left out when there is only one besides control.
        expected_change_id: As for `ramp_to`.

    Returns:
        The change, or None when everyone already has it.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`, `variation_unknown`, `variation_ambiguous`, `stale_page`.
    """
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        chosen = _choose_shipped(change.experiment, variation)
        if change.old_state == ExperimentState.SHIPPED and change.experiment.shipped_id == chosen.pk:
            return None
        change.refuse_if_stale(expected_change_id)
        change.experiment.shipped = chosen
        change.experiment.save(update_fields=["shipped"])
        change.end_phase()
        change.set_everyone(True)
        return change.record(RampAction.SHIP)


def ramp_to(
    key: str, *, coverage_bp: int, actor: str, reason: str, expected_change_id: int | None = None
) -> RampChange | None:
    """Bring an experiment to a coverage from whatever state it is in: start, reopen or change its phase.

    Args:
        key: The experiment's key.
        coverage_bp: Share of all units included, 0..10,000 basis points.
        actor: Who does it.
        reason: Why.
        expected_change_id: The newest RampChange that the actor had seen; 0 for none, None for not asked.

    Returns:
        The last change made, or None when it is running at this coverage already.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        IllegalRamp: `reason_missing`, `actor_missing`, `coverage_out_of_range`, `stale_page` (somebody else changed
            it meanwhile).
    """
    _check_coverage(coverage_bp)
    with transaction.atomic():
        change = Change.begin(key, actor, reason)
        if change.old_state == ExperimentState.RUNNING and change.old_coverage_bp == coverage_bp:
            return None
        change.refuse_if_stale(expected_change_id)
        if change.old_state == ExperimentState.SHIPPED:
            change.end_phase()
        if change.phase is None or change.phase.ended_at is not None:
            return start(key, coverage_bp=coverage_bp, actor=actor, reason=reason)
        reopened = reopen(key, actor=actor, reason=reason)
        return set_coverage(key, coverage_bp=coverage_bp, actor=actor, reason=reason) or reopened


def _check_coverage(coverage_bp: int) -> None:
    if not 0 <= coverage_bp <= BUCKETS:
        raise IllegalRamp("coverage_out_of_range", f"coverage_bp == {coverage_bp}, must be 0 to {BUCKETS}.")


def _choose_weights(change: Change, asked: Weights | None) -> Weights:
    """The weights asked for; else the open phase's, else equal ones."""
    keys = [variation.key for variation in change.experiment.variations.all()]
    if asked is None:
        return change.phase.read_weights() if change.phase is not None else split_evenly(keys)
    if not are_weights_complete(asked, keys):
        raise IllegalRamp(
            "weights_invalid", f"weights_bp == {asked}, must give each of {keys} at most once and sum to {BUCKETS}."
        )
    return asked


def _check_same_start(change: Change, phase: Phase, coverage_bp: int, weights: Weights) -> None:
    """Starting again is fine as long as it asks for what is there."""
    key = change.experiment.key
    if phase.read_weights() != weights:
        raise IllegalRamp(
            "weights_changed", f"{key!r} runs with other weights, and moving them would move shoppers: stop it first."
        )
    if change.old_state != ExperimentState.RUNNING:
        raise IllegalRamp("experiment_off", f"{key!r} has a phase behind the switch: reopen it.")
    if phase.coverage_bp != coverage_bp:
        share = format_percent(phase.coverage_bp)
        raise IllegalRamp("already_running", f"{key!r} runs at a coverage of {share}: set its coverage instead.")


def _find_running_phase(change: Change) -> Phase:
    key = change.experiment.key
    if change.old_state == ExperimentState.OFF:
        raise IllegalRamp("experiment_off", f"{key!r} is off for everyone: reopen it first.")
    if change.old_state == ExperimentState.SHIPPED:
        raise IllegalRamp("experiment_shipped", f"{key!r} is on for everyone: start a new phase instead.")
    if change.phase is None:
        raise IllegalRamp("not_running", f"{key!r} has no open phase: start one.")
    return change.phase


def _choose_shipped(experiment: Experiment, key: str | None) -> Variation:
    """The variation to give to everyone: the named one, or the only one besides control."""
    variations = list(experiment.variations.all())
    if key is None:
        featured = [variation for variation in variations if not variation.is_control]
        if len(featured) != 1:
            names = [variation.key for variation in variations]
            raise IllegalRamp("variation_ambiguous", f"Say which variation everyone gets: one of {names}.")
        return featured[0]
    for variation in variations:
        if variation.key == key:
            return variation
    names = [variation.key for variation in variations]
    raise IllegalRamp("variation_unknown", f"There is no variation {key!r}: choose one of {names}.")
