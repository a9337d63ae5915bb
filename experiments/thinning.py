"""Keeps history bounded: snapshots thinned with age, and units' totals and exposures of phases that ended long ago."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from experiments.models import Exposure, Phase, Progress, UnitTotals

# Every look of the last hours, then one an hour, then one a day: some 500 rows for a phase of a month.
ALL_FOR = timedelta(hours=2)
HOURLY_FOR = timedelta(days=14)
# A phase that ended so long ago keeps its final snapshot and its record of changes; its units are erased.
UNITS_KEPT_FOR = timedelta(days=400)

# The first look of each hour or day is the one that stays, so that what stays does not change any more.
THIN = """
DELETE FROM experiments_snapshot WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (
            PARTITION BY
                date_trunc(CASE WHEN taken_at >= %(hourly)s THEN 'hour' ELSE 'day' END, taken_at AT TIME ZONE 'UTC')
            ORDER BY taken_at, id
        ) AS place
        FROM experiments_snapshot
        WHERE phase_id = %(phase)s AND NOT is_final AND taken_at < %(all)s
    ) ranked WHERE place > 1
)
"""


def thin(phase_id: int, *, now: datetime) -> int:
    """Delete what is too fine for its age.

    Args:
        phase_id: whose snapshots.
        now: aware.

    Returns:
        How many were deleted.
    """
    bounds: dict[str, Any] = {"phase": phase_id, "all": now - ALL_FOR, "hourly": now - HOURLY_FOR}
    with connection.cursor() as cursor:
        cursor.execute(THIN, bounds)
        return int(cursor.rowcount)


def prune_units(*, now: datetime) -> list[int]:
    """Erase exposures and totals of the phases that ended more than 400 days ago; safe to repeat.

    Their snapshots stay: they hold sums, and tell of nobody.

    Args:
        now: aware.

    Returns:
        The phases that were emptied, by primary key.
    """
    over = Phase.objects.filter(ended_at__lt=now - UNITS_KEPT_FOR).order_by("pk").values_list("pk", flat=True)
    emptied = []
    for phase_id in over:
        with transaction.atomic():
            UnitTotals.objects.filter(phase_id=phase_id).delete()
            Progress.objects.filter(phase_id=phase_id).delete()
            n_erased, _ = Exposure.objects.filter(phase_id=phase_id).delete()
        if n_erased:
            emptied.append(phase_id)
    return emptied
