"""Freezes the results of phases that have ended, once all their events are stored."""

import logging
from datetime import datetime, timedelta

from experiments import analysis
from experiments.looks import find_max_lag_s
from experiments.models import Phase, Snapshot
from experiments.sources import metric_source

logger = logging.getLogger(__name__)

MAX_AT_ONCE = 5


def freeze_results(now: datetime) -> list[Snapshot]:
    """Take the last look at phases that ended without one; safe to repeat, and a crash leaves it to the next call.

    The look is at the moment of the end, whenever it is taken. It waits for events on their way, but not for ever.

    Args:
        now: The project's time.

    Returns:
        The final snapshots made, newest phase first.
    """
    complete_until = metric_source().find_complete_until(now)
    frozen = []
    waiting = (
        Phase.objects.filter(ended_at__isnull=False).exclude(snapshots__is_final=True).order_by("-ended_at", "-pk")
    )
    for phase in waiting[:MAX_AT_ONCE]:
        ended_at = phase.ended_at or now
        is_complete = complete_until is not None and complete_until >= ended_at
        if is_complete or now - ended_at >= timedelta(seconds=find_max_lag_s()):
            frozen.append(analysis.finish(phase.pk, ended_at))
    if frozen:
        logger.info("Results are frozen.", extra={"phases": [snapshot.phase_id for snapshot in frozen]})
    return frozen
