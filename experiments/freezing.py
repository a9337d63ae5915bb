"""Freezes the results of phases that have ended, once all their events are stored."""

import logging
import time
from datetime import datetime, timedelta

from experiments import analysis
from experiments.looks import find_max_lag_s
from experiments.models import Phase, Snapshot
from experiments.sources import metric_source

logger = logging.getLogger(__name__)

MAX_AT_ONCE = 5
# A round of freezing ends here; what it did not reach, the next one does.
ROUND_S = 60.0
# A final result is for ever: events that are hours late are waited for, those that are a day late are taken as lost.
MAX_WAIT = timedelta(days=1)


def freeze_results(now: datetime) -> list[Snapshot]:
    """Take the last look at phases that ended without one; safe to repeat, and a crash leaves it to the next call.

    The look is at the moment of the end, whenever it is taken. It waits for events on their way, a day at most; what is
    frozen then without them is marked as incomplete by its `watermark_at`, and the results say so. A phase that cannot
    be looked at is logged and does not keep the others waiting.

    Args:
        now: The project's time.

    Returns:
        The final snapshots made, newest phase first.
    """
    give_up_at = time.monotonic() + ROUND_S
    complete_until, max_wait = metric_source().find_complete_until(now), find_max_wait()
    frozen: list[Snapshot] = []
    waiting = Phase.objects.filter(ended_at__isnull=False).exclude(snapshots__is_final=True)
    for phase in waiting.order_by("-ended_at", "-pk"):
        ended_at = phase.ended_at or now
        if len(frozen) >= MAX_AT_ONCE or time.monotonic() >= give_up_at:
            break
        is_complete = complete_until is not None and complete_until >= ended_at
        if not is_complete and now - ended_at < max_wait:
            continue
        snapshot = _freeze(phase.pk, ended_at, complete_until)
        if snapshot is not None:
            frozen.append(snapshot)
    if frozen:
        logger.info("Results are frozen.", extra={"phases": [snapshot.phase_id for snapshot in frozen]})
    return frozen


def find_max_wait() -> timedelta:
    """How long a result waits for late events: a day, or four times what the source allows them where that is more."""
    return max(MAX_WAIT, timedelta(seconds=4 * find_max_lag_s()))


def _freeze(phase_id: int, ended_at: datetime, complete_until: datetime | None) -> Snapshot | None:
    try:
        snapshot = analysis.finish(phase_id, ended_at, complete_until=complete_until)
    except Exception:
        logger.exception("A result could not be frozen.", extra={"phase": phase_id, "code": "freezing_failed"})
        return None
    if snapshot.is_incomplete:
        logger.warning(
            "A result is frozen without its last events.", extra={"phase": phase_id, "code": "result_incomplete"}
        )
    return snapshot
