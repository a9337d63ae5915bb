"""Each unit's totals, kept up by what is new: changed exposures, and facts that no straggler can change any more.

Facts before `Progress.settled_until` are in the totals; younger ones are read anew at every look, so that an event that
comes late counts once and once only. A row whose exposure or links changed is made from nothing by the very statement
that a rebuild uses for all rows: both roads end in the same sums.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from experiments.layout import Layout
from experiments.models import Phase, Progress
from experiments.renewal import Renewal, make_table
from experiments.sources import MetricSource, Sql, Wanted

# For hashing a million units, of which a full look holds a few sums for each table of the project at once.
WORK_MEM = "96MB"

CURRENT_XIDS = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint"

# Those who have new facts, under each of their keys: few of many, so that an index finds them.
MEMBERS = """(
    SELECT m.*, {ends} FROM (
        SELECT k.unit AS key, t.unit, t.first_at
        FROM (SELECT DISTINCT unit FROM analysis_facts) k
        JOIN experiments_unittotals t ON t.phase_id = %s AND t.unit = k.unit
        UNION ALL
        SELECT l.from_unit, t.unit, t.first_at
        FROM (SELECT DISTINCT unit FROM analysis_facts) k
        JOIN experiments_unitlink l ON l.from_unit = k.unit
        JOIN experiments_unittotals t ON t.phase_id = %s AND t.unit = l.to_unit
    ) m
)"""


@dataclass(frozen=True, slots=True)
class Totals:
    """How the totals of a phase stand after they were brought up to a moment."""

    phase: Phase
    layout: Layout
    settled_until: datetime
    complete_until: datetime


def lock(phase: Phase) -> Progress:
    """The phase's progress, kept from all others until the transaction ends."""
    Progress.objects.get_or_create(phase=phase)
    return Progress.objects.select_for_update(of=("self",)).select_related("phase__experiment").get(phase=phase)


def bring_up(
    progress: Progress, source: MetricSource, layout: Layout, *, now: datetime, from_nothing: bool = False
) -> Totals:
    """Bring a phase's totals up to now, within the transaction that locked its progress.

    Args:
        progress: see `lock`.
        source: where their facts are.
        layout: what is wanted; another than last time makes all anew, as does `from_nothing`.
        now: facts and exposures of later times are left alone.
    """
    phase = progress.phase
    with connection.cursor() as cursor:
        # Read before anything else: what commits from here on is changed in a later transaction than this.
        cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])
        cursor.execute(CURRENT_XIDS)
        oldest_running, current = cursor.fetchone()
        # A database that was restored elsewhere counts its transactions from another start.
        is_anew = from_nothing or not _is_usable(progress, layout) or progress.seen_xid > current
        # From nothing, `now` may lie before what had settled already: the end of a phase is looked at later.
        since = phase.started_at if is_anew or progress.settled_until is None else progress.settled_until
        settled, complete = _find_settled(source, since=since, now=now)
        if is_anew:
            cursor.execute("DELETE FROM experiments_unittotals WHERE phase_id = %s", [phase.pk])
        if not is_anew:
            _advance(cursor, phase, source, layout, since=since, until=settled)
        xid = 0 if is_anew else progress.seen_xid
        Renewal(cursor, phase, source, layout, xid=xid, young_since=since, settled=settled).run()
    _keep(progress, layout, settled, oldest_running, rebuilt_at=now if is_anew else progress.rebuilt_at)
    return Totals(phase, layout, settled, complete)


def gather_recent(cursor: CursorWrapper, totals: Totals, source: MetricSource, *, until: datetime) -> int:
    """Make the table `analysis_recent` of (unit, sums) over what is not settled yet, and tell how many units it has."""
    wanted = Wanted(totals.phase.pk, totals.layout.facts, since=totals.settled_until, until=until)
    make_table(cursor, "analysis_facts", source.select_facts(wanted))
    return make_table(cursor, "analysis_recent", _sum_new(totals.layout, totals.phase))


def _advance(
    cursor: CursorWrapper, phase: Phase, source: MetricSource, layout: Layout, *, since: datetime, until: datetime
) -> None:
    """Add what has settled between two moments to the rows that are there."""
    if until <= since:
        return
    make_table(cursor, "analysis_facts", source.select_facts(Wanted(phase.pk, layout.facts, since=since, until=until)))
    make_table(cursor, "analysis_settled", _sum_new(layout, phase))
    cursor.execute(
        f"UPDATE experiments_unittotals t SET totals = {layout.add('t.totals', 's.sums')}"  # noqa: S608 - of places
        " FROM analysis_settled s WHERE t.phase_id = %s AND t.unit = s.unit",
        (phase.pk,),
    )


def _sum_new(layout: Layout, phase: Phase) -> Sql:
    """(unit, sums) of the facts in `analysis_facts` since first exposure; units without any have no row."""
    members = MEMBERS.format(ends=layout.spell_ends("m.first_at"))
    text = (
        f"SELECT m.unit, {layout.sum_after()} AS sums FROM analysis_facts f"  # noqa: S608 - built of places and keys
        f" JOIN {members} m ON m.key = f.unit"
        f" WHERE f.at >= m.first_at AND f.at < m.until_{layout.longest_days} GROUP BY m.unit"
    )
    return Sql(text, (phase.pk, phase.pk))


def _find_settled(source: MetricSource, *, since: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Up to when facts are settled for good, and up to when they are complete as far as anybody can tell."""
    complete = source.find_complete_until(now)
    if complete is None:
        return since, since
    complete = min(complete, now)
    return max(since, complete - timedelta(seconds=source.find_slack_s())), max(since, complete)


def _is_usable(progress: Progress, layout: Layout) -> bool:
    held = (tuple(map(tuple, progress.measures)), tuple(progress.covariates))
    return progress.settled_until is not None and held == (layout.measures, layout.covariates)


def _keep(progress: Progress, layout: Layout, settled: datetime, seen_xid: int, *, rebuilt_at: datetime | None) -> None:
    progress.settled_until = settled
    progress.seen_xid = seen_xid
    progress.measures = [list(measure) for measure in layout.measures]
    progress.covariates = list(layout.covariates)
    progress.rebuilt_at = rebuilt_at
    progress.save()
