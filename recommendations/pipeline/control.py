"""What a person may ask of a rotation: retrain, abandon, roll back; each leaves its audit row."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import InvalidInput, RecommendationsError
from recommendations.models import RetrainAction, RetrainRun, Swap
from recommendations.pipeline import nights
from recommendations.pipeline.runs import get_rotation, start_run
from recommendations.pipeline.states import RetrainStatus, check_transition
from recommendations.serving import live

logger = logging.getLogger(__name__)

MAX_REASON = 500


def request_retrain(rotation_key: str, *, actor: str, reason: str) -> RetrainRun:
    """Begin a retrain of a rotation, or return the one that is under way.

    The caller's door then calls `recommendations.tasks.advance_soon`; without it the next tick begins the work.

    Args:
        rotation_key: what to rebuild; a rotation whose nights are switched off may be retrained by hand.
        actor: who asks: a user name, or the command's.
        reason: why, for the audit.

    Returns:
        The rotation's one active run.

    Raises:
        InvalidInput: the rotation is unknown, or actor or reason is missing or too long.
    """
    _check(actor, reason)
    run = start_run(get_rotation(rotation_key))
    _note(RetrainAction.Kind.REQUEST, run=run, actor=actor, reason=reason)
    return run


def abandon_run(run: RetrainRun, *, actor: str, reason: str) -> RetrainRun:
    """End a run for good, whoever works on it: its holder may record nothing more, and its training is stopped.

    Args:
        run: any state of the row.
        actor: who asks.
        reason: why, for the audit.

    Returns:
        The run as it ended. The next run tears down what it built.

    Raises:
        IllegalTransition: the run has ended already, or has swapped: roll back instead.
        InvalidInput: actor or reason is missing or too long.
    """
    _check(actor, reason)
    with transaction.atomic():
        row = RetrainRun.objects.select_for_update(of=("self",)).select_related("rotation").get(pk=run.pk)
        status = RetrainStatus(row.status)
        check_transition(status, RetrainStatus.ABANDONED)
        now = conf.now()
        # The new token fences out whoever works on the run at this moment.
        RetrainRun.objects.filter(pk=row.pk).update(
            status=RetrainStatus.ABANDONED,
            finished_at=now,
            updated_at=now,
            holder="",
            lease_expires_at=None,
            fencing_token=F("fencing_token") + 1,
        )
        _note(RetrainAction.Kind.ABANDON, run=row, actor=actor, reason=reason)
    if status is RetrainStatus.TRAIN:
        _stop_training(row)
    logger.warning("retrain abandoned", extra={"retrain_run": row.pk, "rotation": row.rotation_id, "actor": actor})
    return RetrainRun.objects.select_related("rotation").get(pk=row.pk)


def roll_back(rotation_key: str, *, actor: str, reason: str, expected_version: int | None = None) -> Swap:
    """Make the side that was live before live again.

    Args:
        rotation_key: the key of the rotation.
        actor: who asks.
        reason: why, for the audit.
        expected_version: the live pointer's version that the actor had seen; None to move whatever is live.

    Returns:
        The audit row of the move; every process serves it within `serving.live.POINTER_TTL_S`.

    Raises:
        SwapRefused: there is no side to go back to, or the pointer moved since it was seen; the message says which.
        InvalidInput: the rotation is unknown, or actor or reason is missing or too long.
    """
    _check(actor, reason)
    rotation = get_rotation(rotation_key)
    with transaction.atomic():
        swap = live.roll_back(rotation.key, actor=actor, reason=reason, expected_version=expected_version)
        _note(RetrainAction.Kind.ROLL_BACK, swap=swap, actor=actor, reason=reason)
    live.forget_live_campaigns()
    return swap


def rollback_until(rotation_key: str) -> datetime | None:
    """Return until when a roll back is possible, or None where it is not.

    A backend that bills keeps the old side for a drain; any other keeps it until the next run starts, which is the
    next night unless somebody asks for one before.

    Args:
        rotation_key: the key of the rotation.

    Returns:
        The moment in the world's time.

    Raises:
        InvalidInput: the rotation is unknown, or its backend is.
    """
    rotation = get_rotation(rotation_key)
    if live.side_to_roll_back_to(rotation_key) is None:
        return None
    if not get_backend(rotation.backend).bills:
        return nights.next_night_at()
    last = Swap.objects.filter(rotation=rotation).first()
    return last.at + timedelta(seconds=conf.drain_s()) if last is not None else None


def _stop_training(run: RetrainRun) -> None:
    """Best effort: a training that nobody waits for costs time and nothing else."""
    try:
        get_backend(run.rotation.backend).control.stop_training(run.resource_name)
    except RecommendationsError as error:
        logger.warning("training not stopped", extra={"retrain_run": run.pk, "error": str(error)})


def _check(actor: str, reason: str) -> None:
    if not actor.strip():
        raise InvalidInput("actor is empty; name who asks.")
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise InvalidInput(f"reason has {len(reason.strip())} characters, must have 1 to {MAX_REASON}.")


def _note(
    kind: RetrainAction.Kind, *, actor: str, reason: str, run: RetrainRun | None = None, swap: Swap | None = None
) -> None:
    rotation_id = run.rotation_id if run is not None else swap.rotation_id if swap is not None else ""
    RetrainAction.objects.create(
        rotation_id=rotation_id,
        kind=kind,
        run=run,
        swap=swap,
        actor=actor.strip()[:150],
        reason=reason.strip(),
        at=conf.now(),
    )
