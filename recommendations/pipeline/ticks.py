"""Ticks: every minute, and after a click, each active run goes on as far as it can, by lease."""

import logging
import time
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, close_old_connections

from recommendations import conf
from recommendations.adapters.embedded.training import train_next
from recommendations.exceptions import LeaseHeld, LeaseLost
from recommendations.models import RetrainRun
from recommendations.pipeline.context import Waiting
from recommendations.pipeline.runner import HeldRun, advance, hold_run
from recommendations.pipeline.states import RetrainStatus

logger = logging.getLogger(__name__)

# What fits models, and may take longer than any short task is given.
LONG = frozenset({RetrainStatus.TRAIN, RetrainStatus.EVALUATE})
# What these wait for is seconds away: a watermark, the consumers, a tracker. A tick bears with it for so long.
SOON = frozenset({RetrainStatus.PROVISION, RetrainStatus.EXPORT})
LINGER_S = 10.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick leaves to others.

    Attributes:
        needs_trainer: whether a run is at a step that only a trainer may do.
    """

    needs_trainer: bool


def advance_runs() -> Ticked:
    """Advance every active run that nobody else works on, up to a step that waits or needs a trainer.

    Any number of processes may call this at once; what fails to reach the database is left to the next tick.
    """
    needs = [_advance_run(run) for run in _active_runs()]
    return Ticked(needs_trainer=any(needs))


def train_runs() -> bool:
    """Do the long work that active runs wait for: train what is pending, then evaluate what is trained.

    Returns:
        Whether anything moved, so that a tick is due.
    """
    has_trained = train_next() is not None
    moved = [_advance_long(run) for run in _active_runs()]
    return has_trained or any(moved)


def _active_runs() -> list[RetrainRun]:
    return list(RetrainRun.objects.select_related("rotation").filter(finished_at__isnull=True).order_by("pk"))


def _advance_run(run: RetrainRun) -> bool:
    """Advance one run within its lease, and return whether a trainer must go on."""
    status = RetrainStatus(run.status)
    try:
        with hold_run(run) as held:
            status = _advance_held(held)
    except (LeaseHeld, LeaseLost) as error:
        # Whoever has it goes on with it; a trainer that holds it needs no second one.
        logger.info("retrain left to its holder", extra={"retrain_run": run.pk, "code": error.code})
        return False
    except (OperationalError, InterfaceError):
        logger.warning("retrain waits for the database", extra={"retrain_run": run.pk})
        close_old_connections()
        return False
    return status in LONG


def _advance_held(held: HeldRun) -> RetrainStatus:
    started_s, lingered_s = time.monotonic(), 0.0
    while held.run.is_active and time.monotonic() - started_s < conf.lease_s():
        status = RetrainStatus(held.run.status)
        if status is RetrainStatus.EVALUATE:
            break
        outcome = advance(held)
        if isinstance(outcome, Waiting):
            if not _is_soon(status, outcome) or lingered_s >= LINGER_S:
                break
            time.sleep(POLL_S)
            lingered_s += POLL_S
    return RetrainStatus(held.run.status)


def _is_soon(status: RetrainStatus, outcome: Waiting) -> bool:
    return status in SOON and not outcome.is_retry


def _advance_long(run: RetrainRun) -> bool:
    """Advance one run as long as it is at the long steps, and return whether it moved on."""
    if RetrainStatus(run.status) not in LONG:
        return False
    try:
        with hold_run(run) as held:
            before = held.run.status
            while RetrainStatus(held.run.status) in LONG and not isinstance(advance(held), Waiting):
                pass
            return held.run.status != before
    except (LeaseHeld, LeaseLost) as error:
        logger.info("retrain left to its holder", extra={"retrain_run": run.pk, "code": error.code})
    return False
