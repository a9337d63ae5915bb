"""Advances a retrain run by one step: under a lease, outside any transaction, recorded only by the holder."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from django.db import InterfaceError, OperationalError, transaction

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.engine.exceptions import EngineError
from recommendations.exceptions import LeaseLost, RecommendationsError
from recommendations.leases import Keeper, current_holder, hold
from recommendations.models import Deployment, RetrainRun, StepAttempt
from recommendations.pipeline.context import Done, Failed, Outcome, Progress, StepContext, Waiting, ignore_progress
from recommendations.pipeline.states import NEXT, RetrainStatus, check_transition
from recommendations.pipeline.steps import (
    deploy,
    drain,
    evaluate,
    export,
    heartbeat,
    import_data,
    provision,
    swap,
    teardown,
    train,
)

logger = logging.getLogger(__name__)

Step = Callable[[StepContext], Outcome]

STEPS: Mapping[RetrainStatus, Step] = MappingProxyType(
    {
        RetrainStatus.PROVISION: provision.run,
        RetrainStatus.EXPORT: export.run,
        RetrainStatus.IMPORT: import_data.run,
        RetrainStatus.TRAIN: train.run,
        RetrainStatus.EVALUATE: evaluate.run,
        RetrainStatus.DEPLOY: deploy.run,
        RetrainStatus.HEARTBEAT: heartbeat.run,
        RetrainStatus.SWAP: swap.run,
        RetrainStatus.DRAIN: drain.run,
        RetrainStatus.TEARDOWN: teardown.run,
    }
)
# All that a step may change; the lease's own columns belong to its keeper's thread.
RECORDED = (
    "status",
    "updated_at",
    "finished_at",
    "watermark_at",
    "window_start_at",
    "n_retries",
    "n_deaths",
    "failure_step",
    "failure_reason",
    "failure_fix",
    "report",
)
# Errors that may pass by themselves are borne so often in a row at one step.
MAX_RETRIES = 10
# A step that always kills its process, for want of memory say, is not tried for ever.
MAX_DEATHS = 5
AGAIN = "The live campaign stays. Mend the cause, then: manage.py retrain {key}."


@dataclass(slots=True)
class HeldRun:
    """A run in this process's hands: the row as last recorded, and the keeper of its lease."""

    run: RetrainRun
    keeper: Keeper


@contextmanager
def hold_run(run: RetrainRun) -> Iterator[HeldRun]:
    """Claim a run for as long as the block lasts.

    Raises:
        LeaseHeld: another process works on it.
    """
    with hold(run, holder=current_holder()) as (claimed, keeper):
        yield HeldRun(claimed, keeper)


def advance(held: HeldRun, *, progress: Progress = ignore_progress) -> Outcome:
    """Run the step that the run is at, once, and record what came of it.

    Args:
        held: a run in this process's hands; its row is replaced by the recorded one.
        progress: takes the share done of the step, 0..1, and a note.

    Returns:
        What the step answered. `Waiting` means: come back; the run is where it was.

    Raises:
        LeaseLost: another process took over; nothing was recorded.
        OperationalError: the database is away; the run can be resumed.
    """
    run = held.run
    status = RetrainStatus(run.status)
    _note_start(held, status)
    outcome = _run_step(run, status, progress)
    if held.keeper.is_lost:
        raise LeaseLost(f"{run} was taken over by another process.")
    held.run = _record(run, status, outcome)
    return outcome


def _context(run: RetrainRun, progress: Progress) -> StepContext:
    deployment, _ = Deployment.objects.get_or_create(rotation_id=run.rotation_id, colour=run.colour)
    return StepContext(run, run.rotation, deployment, get_backend(run.rotation.backend), progress)


def _run_step(run: RetrainRun, status: RetrainStatus, progress: Progress) -> Outcome:
    fix = AGAIN.format(key=run.rotation_id)
    if run.n_deaths > MAX_DEATHS:
        return Failed(
            f"{run.n_deaths} processes in a row died at this step.",
            f"Look for the cause in the logs (memory?). {fix}",
        )
    try:
        return STEPS[status](_context(run, progress))
    except (OperationalError, InterfaceError, LeaseLost):
        raise
    except RecommendationsError as error:
        if error.retryable and run.n_retries < MAX_RETRIES:
            return Waiting(f"{error} (try {run.n_retries + 1} of {MAX_RETRIES})", is_retry=True)
        return Failed(str(error), fix)
    except (EngineError, OSError) as error:
        return Failed(str(error), fix)
    except Exception as error:
        logger.exception("retrain step failed", extra={"retrain_run": run.pk, "step": run.status})
        return Failed(f"Unexpected {type(error).__name__}: {error}", f"See the log. {fix}")


def _note_start(held: HeldRun, status: RetrainStatus) -> None:
    """Record the step's beginning, and again where it was taken over from a holder that died at it."""
    run = held.run
    attempts = StepAttempt.objects.filter(run=run, step=status)
    if run.n_deaths:
        attempts = attempts.filter(fencing_token=run.fencing_token)
    if not attempts.exists():
        _note(run, status, StepAttempt.Event.STARTED, "")


def _record(run: RetrainRun, status: RetrainStatus, outcome: Outcome) -> RetrainRun:
    """Write a step's outcome, if the run is still this holder's."""
    with transaction.atomic():
        row = RetrainRun.objects.select_for_update(of=("self",)).select_related("rotation").get(pk=run.pk)
        if row.fencing_token != run.fencing_token or row.status != status:
            raise LeaseLost(f"{run} was taken over by another process.")
        row.updated_at = conf.now()
        match outcome:
            case Done():
                _record_done(row, status, outcome)
            case Waiting():
                _record_waiting(row, status, outcome)
            case Failed():
                _record_failed(row, status, outcome)
        row.save(update_fields=RECORDED)
    return row


def _record_done(row: RetrainRun, status: RetrainStatus, outcome: Done) -> None:
    following = NEXT[status]
    check_transition(status, following)
    row.status, row.n_retries, row.n_deaths = following, 0, 0
    if following is RetrainStatus.SUCCEEDED:
        row.finished_at = row.updated_at
    for name, value in outcome.run.items():
        setattr(row, name, value)
    row.report = row.report | {status.value: dict(outcome.figures)}
    if outcome.deployment:
        Deployment.objects.filter(rotation_id=row.rotation_id, colour=row.colour).update(**outcome.deployment)
    _note(row, status, StepAttempt.Event.DONE, outcome.note)


def _record_waiting(row: RetrainRun, status: RetrainStatus, outcome: Waiting) -> None:
    last = StepAttempt.objects.filter(run=row, step=status).last()
    # One row for each thing waited for, not for each time somebody asked.
    if last is None or last.note != outcome.note:
        _note(row, status, StepAttempt.Event.WAITING, outcome.note)
    row.n_retries = row.n_retries + 1 if outcome.is_retry else 0
    if outcome.figures:
        row.report = row.report | {status.value: dict(outcome.figures)}


def _record_failed(row: RetrainRun, status: RetrainStatus, outcome: Failed) -> None:
    check_transition(status, RetrainStatus.FAILED)
    row.status, row.finished_at = RetrainStatus.FAILED, row.updated_at
    row.failure_step, row.failure_reason, row.failure_fix = status, outcome.reason, outcome.fix
    if outcome.figures:
        row.report = row.report | {status.value: dict(outcome.figures)}
    _note(row, status, StepAttempt.Event.FAILED, outcome.reason)
    logger.error("retrain failed", extra={"retrain_run": row.pk, "rotation": row.rotation_id, "step": status.value})


def _note(run: RetrainRun, status: RetrainStatus, event: StepAttempt.Event, note: str) -> None:
    StepAttempt.objects.create(
        run=run,
        step=status,
        event=event,
        note=note,
        holder=run.holder,
        fencing_token=run.fencing_token,
        at=conf.now(),
    )
