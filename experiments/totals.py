"""Each unit's totals, kept up by what is new: changed exposures, and facts that no straggler can change any more.

Facts before `Progress.settled_until` are in the totals; younger ones are read anew at every look, so that an event that
comes late counts once and once only. A row whose exposure or links changed is made from nothing by the very statement
that a rebuild uses for all rows: both roads end in the same sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from experiments.layout import Layout, covariate_interval
from experiments.metrics import COVARIATE_DAYS
from experiments.models import Phase, Progress
from experiments.sources import MetricSource, Sql, Wanted
from experiments.strata import spell_stratum

# For hashing a million units; a snapshot is one statement at a time, so this bounds its memory.
WORK_MEM = "96MB"

CURRENT_XIDS = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint"

# Units to make anew: of changed exposures, of changed links, and those so young that their history may still grow.
TOUCHED = """
CREATE TEMP TABLE analysis_touched ON COMMIT DROP AS
SELECT COALESCE(l.to_unit, e.unit) AS unit, false AS is_relinked
FROM experiments_exposure e LEFT JOIN experiments_unitlink l ON l.from_unit = e.unit
WHERE e.phase_id = %(phase)s AND NOT e.is_forced AND (e.changed_in >= %(xid)s OR e.first_at >= %(settled)s)
UNION
SELECT l.to_unit, true FROM experiments_unitlink l WHERE l.changed_in >= %(xid)s
"""
DROP_LINKED = """
DELETE FROM experiments_unittotals t USING experiments_unitlink l
WHERE t.phase_id = %(phase)s AND t.unit = l.from_unit AND l.changed_in >= %(xid)s
"""
# One row a unit: its exposures under all its keys, added up.
UNITS = """
CREATE TEMP TABLE analysis_units ON COMMIT DROP AS
WITH wanted AS (SELECT unit, bool_or(is_relinked) AS is_relinked FROM analysis_touched GROUP BY unit),
known AS (
    SELECT w.unit, w.is_relinked, e.variation_id, e.first_at, e.is_crossover, e.is_triggered, e.attributes
    FROM wanted w JOIN experiments_exposure e ON e.phase_id = %(phase)s AND e.unit = w.unit AND NOT e.is_forced
    WHERE NOT EXISTS (SELECT FROM experiments_unitlink l WHERE l.from_unit = w.unit)
    UNION ALL
    SELECT w.unit, w.is_relinked, e.variation_id, e.first_at, e.is_crossover, e.is_triggered, e.attributes
    FROM wanted w JOIN experiments_unitlink l ON l.to_unit = w.unit
    JOIN experiments_exposure e ON e.phase_id = %(phase)s AND e.unit = l.from_unit AND NOT e.is_forced
),
heads AS (
    SELECT unit, min(variation_id) AS variation_id, min(first_at) AS first_at,
           bool_or(is_crossover) OR min(variation_id) <> max(variation_id) AS is_crossover,
           bool_or(is_triggered) AS is_triggered, bool_or(is_relinked) AS is_relinked,
           (array_agg(attributes ORDER BY first_at))[1] AS attributes
    FROM known GROUP BY unit
)
SELECT row_number() OVER () AS no, h.unit, h.variation_id, h.first_at, h.is_crossover, h.is_triggered,
       {stratum} AS stratum, (t.unit IS NULL OR t.first_at <> h.first_at OR h.is_relinked) AS is_stale,
       t.totals, t.covariates
FROM heads h LEFT JOIN experiments_unittotals t ON t.phase_id = %(phase)s AND t.unit = h.unit
"""
MEMBERS_OF = """
CREATE TEMP TABLE {name} ON COMMIT DROP AS
SELECT unit AS key, no, first_at FROM analysis_units WHERE {condition}
UNION ALL
SELECT l.from_unit, u.no, u.first_at FROM experiments_unitlink l JOIN analysis_units u ON u.unit = l.to_unit
WHERE {condition}
"""
ALL_MEMBERS = """(
    SELECT unit AS key, unit, first_at FROM experiments_unittotals WHERE phase_id = %s
    UNION ALL
    SELECT l.from_unit, t.unit, t.first_at
    FROM experiments_unitlink l JOIN experiments_unittotals t ON t.phase_id = %s AND t.unit = l.to_unit
)"""
WRITE = """
INSERT INTO experiments_unittotals
    (phase_id, unit, variation_id, first_at, is_crossover, is_triggered, stratum, totals, covariates)
SELECT %s, u.unit, u.variation_id, u.first_at, u.is_crossover, u.is_triggered, u.stratum,
       CASE WHEN u.is_stale THEN COALESCE(s.sums, {zero_totals}) ELSE u.totals END,
       CASE WHEN u.is_stale OR u.first_at >= %s THEN COALESCE(b.sums, {zero_covariates}) ELSE u.covariates END
FROM analysis_units u
LEFT JOIN analysis_after s ON s.no = u.no
LEFT JOIN analysis_before b ON b.no = u.no
ON CONFLICT (phase_id, unit) DO UPDATE SET
    variation_id = excluded.variation_id, first_at = excluded.first_at, is_crossover = excluded.is_crossover,
    is_triggered = excluded.is_triggered, stratum = excluded.stratum, totals = excluded.totals,
    covariates = excluded.covariates
"""
TEMPORARY = (
    "analysis_facts",
    "analysis_touched",
    "analysis_units",
    "analysis_stale",
    "analysis_young",
    "analysis_after",
    "analysis_before",
)


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
        writer = _Writer(cursor, phase, source, layout)
        if not is_anew:
            writer.advance(since, settled)
        writer.renew(xid=0 if is_anew else progress.seen_xid, young_since=since, settled=settled)
    _keep(progress, layout, settled, oldest_running, rebuilt_at=now if is_anew else progress.rebuilt_at)
    return Totals(phase, layout, settled, complete)


def gather_recent(cursor: CursorWrapper, totals: Totals, source: MetricSource, *, until: datetime) -> None:
    """Make the table `analysis_recent` of (unit, sums) over what is not settled yet."""
    wanted = Wanted(totals.phase.pk, totals.layout.facts, since=totals.settled_until, until=until)
    gather(cursor, source.select_facts(wanted))
    members = Sql(ALL_MEMBERS, (totals.phase.pk, totals.phase.pk))
    sums = _sum_after(totals.layout, Sql("analysis_facts"), members, by="unit")
    cursor.execute("DROP TABLE IF EXISTS analysis_recent")
    cursor.execute(f"CREATE TEMP TABLE analysis_recent ON COMMIT DROP AS {sums.text}", sums.params)
    cursor.execute("ANALYZE analysis_recent")


class _Writer:
    """The statements on one phase's totals, in one transaction."""

    def __init__(self, cursor: CursorWrapper, phase: Phase, source: MetricSource, layout: Layout) -> None:
        self._cursor, self._phase, self._source, self._layout = cursor, phase, source, layout

    def advance(self, since: datetime, until: datetime) -> None:
        """Add what has settled between two moments to the rows that are there."""
        if until <= since:
            return
        wanted = Wanted(self._phase.pk, self._layout.facts, since=since, until=until)
        members = Sql(ALL_MEMBERS, (self._phase.pk, self._phase.pk))
        gather(self._cursor, self._source.select_facts(wanted))
        sums = _sum_after(self._layout, Sql("analysis_facts"), members, by="unit")
        self._cursor.execute(
            f"UPDATE experiments_unittotals t SET totals = {self._layout.add('t.totals', 's.sums')}"  # noqa: S608
            f" FROM ({sums.text}) s WHERE t.phase_id = %s AND t.unit = s.unit",
            (*sums.params, self._phase.pk),
        )

    def renew(self, *, xid: int, young_since: datetime, settled: datetime) -> None:
        """Make the rows of all units whose exposure or links changed since the transaction, and those of young ones."""
        named: dict[str, Any] = {"phase": self._phase.pk, "xid": xid, "settled": young_since}
        # Only a test takes two snapshots in one transaction.
        self._cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TEMPORARY)}")
        self._cursor.execute(DROP_LINKED, named)
        self._cursor.execute(TOUCHED, named)
        self._cursor.execute("ANALYZE analysis_touched")
        stratum, pairs = spell_stratum()
        self._cursor.execute(UNITS.format(stratum=stratum), {**named, **pairs})
        self._cursor.execute("ANALYZE analysis_units")
        # Where all units are wanted, naming them would only cost.
        self._sum_settled(settled, is_anew=not xid)
        self._sum_history(young_since, is_anew=not xid)
        write = WRITE.format(zero_totals=self._layout.zero_totals(), zero_covariates=self._layout.zero_covariates())
        self._cursor.execute(write, [self._phase.pk, young_since])
        if not xid:
            self._cursor.execute("ANALYZE experiments_unittotals")

    def _sum_settled(self, settled: datetime, *, is_anew: bool) -> None:
        self._make_members("analysis_stale", "is_stale")
        earliest = self._find_one("SELECT min(first_at) FROM analysis_stale") or settled
        wanted = Wanted(
            self._phase.pk,
            self._layout.facts,
            since=min(earliest, settled),
            until=settled,
            keys="" if is_anew else "analysis_stale",
        )
        found = self._source.select_facts(wanted)
        sums = _sum_after(self._layout, Sql(f"({found.text})", found.params), Sql("analysis_stale"), by="no")
        self._cursor.execute(f"CREATE TEMP TABLE analysis_after ON COMMIT DROP AS {sums.text}", sums.params)

    def _sum_history(self, young_since: datetime, *, is_anew: bool) -> None:
        condition = "is_stale OR first_at >= %s" if self._layout.covariates else "false"
        self._make_members("analysis_young", condition, [young_since] * condition.count("%s") * 2)
        earliest, latest = self._find_range()
        wanted = Wanted(
            self._phase.pk,
            self._layout.covariates,
            since=earliest - timedelta(days=COVARIATE_DAYS),
            until=latest,
            keys="" if is_anew else "analysis_young",
        )
        found = self._source.select_facts(wanted)
        self._cursor.execute(
            f"CREATE TEMP TABLE analysis_before ON COMMIT DROP AS"  # noqa: S608 - built of places and keys
            f" SELECT m.no, {self._layout.sum_before()} AS sums FROM ({found.text}) f"
            f" JOIN analysis_young m ON m.key = f.unit"
            f" WHERE f.at < m.first_at AND f.at >= m.first_at - {covariate_interval()} GROUP BY m.no",
            found.params,
        )

    def _find_range(self) -> tuple[datetime, datetime]:
        self._cursor.execute("SELECT min(first_at), max(first_at) FROM analysis_young")
        earliest, latest = self._cursor.fetchone()
        return earliest or self._phase.started_at, latest or self._phase.started_at

    def _make_members(self, name: str, condition: str, params: Sequence[Any] = ()) -> None:
        self._cursor.execute(MEMBERS_OF.format(name=name, condition=condition), list(params))
        self._cursor.execute(f"ANALYZE {name}")

    def _find_one(self, text: str) -> Any:
        self._cursor.execute(text)
        return self._cursor.fetchone()[0]


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


def gather(cursor: CursorWrapper, facts: Sql) -> None:
    """Put few facts into a table with statistics: of a SELECT's rows the planner would expect the wrong number."""
    cursor.execute("DROP TABLE IF EXISTS analysis_facts")
    cursor.execute(f"CREATE TEMP TABLE analysis_facts ON COMMIT DROP AS {facts.text}", facts.params)
    cursor.execute("ANALYZE analysis_facts")


def _sum_after(layout: Layout, facts: Sql, members: Sql, *, by: str) -> Sql:
    """(unit or its number, sums) of the members' facts since first exposure; units without any have no row."""
    text = (
        f"SELECT m.{by}, {layout.sum_after()} AS sums FROM {facts.text} f"  # noqa: S608 - built of places and keys
        f" JOIN {members.text} m ON m.key = f.unit"
        f" WHERE f.at >= m.first_at AND f.at < m.first_at + interval '{layout.longest_days} days' GROUP BY m.{by}"
    )
    return Sql(text, (*facts.params, *members.params))
