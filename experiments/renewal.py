"""Rows of totals made from nothing, table by table: of the units that changed, or of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from experiments.layout import Layout
from experiments.metrics import COVARIATE_DAYS
from experiments.models import Phase
from experiments.sources import MetricSource, Sql, Wanted, select_tables
from experiments.strata import spell_stratum

# Units to make anew: of changed exposures, of changed links, and those so young that their history may still grow.
TOUCHED = """
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
# One row a unit: a unit without links has one exposure; the others' are added up under all their keys.
UNITS = """
WITH wanted AS ({wanted}),
keys AS (
    SELECT to_unit AS unit, from_unit AS key FROM experiments_unitlink
    UNION SELECT to_unit, to_unit FROM experiments_unitlink
),
heads AS (
    SELECT e.unit, e.variation_id, e.first_at, e.is_crossover, e.is_triggered, false AS is_relinked, e.attributes
    FROM experiments_exposure e {only_wanted}
    WHERE e.phase_id = %(phase)s AND NOT e.is_forced
      AND NOT EXISTS (SELECT FROM keys k WHERE k.key = e.unit)
    UNION ALL
    SELECT w.unit, min(e.variation_id), min(e.first_at),
           bool_or(e.is_crossover) OR min(e.variation_id) <> max(e.variation_id),
           bool_or(e.is_triggered), bool_or(w.is_relinked), (array_agg(e.attributes ORDER BY e.first_at))[1]
    FROM wanted w JOIN keys k ON k.unit = w.unit
    JOIN experiments_exposure e ON e.phase_id = %(phase)s AND e.unit = k.key AND NOT e.is_forced
    GROUP BY w.unit
)
SELECT row_number() OVER () AS no, h.unit, h.variation_id, h.first_at, h.is_crossover, h.is_triggered,
       {stratum} AS stratum, {held}
"""
TOUCHED_UNITS = "SELECT unit, bool_or(is_relinked) AS is_relinked FROM analysis_touched GROUP BY unit"
LINKED_UNITS = "SELECT DISTINCT to_unit AS unit, true AS is_relinked FROM experiments_unitlink"
HELD = """(t.unit IS NULL OR t.first_at <> h.first_at OR h.is_relinked) AS is_stale, t.totals, t.covariates
FROM heads h LEFT JOIN experiments_unittotals t ON t.phase_id = %(phase)s AND t.unit = h.unit
"""
NOT_HELD = "true AS is_stale, NULL::float8[] AS totals, NULL::float8[] AS covariates FROM heads h"
MEMBERS = """
SELECT m.*, {ends}, m.first_at - interval '{history_days} days' AS history_since FROM (
    SELECT unit AS key, no, first_at FROM analysis_units WHERE {condition}
    UNION ALL
    SELECT l.from_unit, u.no, u.first_at FROM experiments_unitlink l JOIN analysis_units u ON u.unit = l.to_unit
    WHERE {condition}
) m
"""
WRITE = """
INSERT INTO experiments_unittotals
    (phase_id, unit, variation_id, first_at, is_crossover, is_triggered, stratum, totals, covariates)
SELECT %s, u.unit, u.variation_id, u.first_at, u.is_crossover, u.is_triggered, u.stratum,
       CASE WHEN u.is_stale THEN {totals} ELSE u.totals END,
       CASE WHEN u.is_stale OR u.first_at >= %s THEN {covariates} ELSE u.covariates END
FROM analysis_units u {joins}
"""
OVER_OLD = """
ON CONFLICT (phase_id, unit) DO UPDATE SET
    variation_id = excluded.variation_id, first_at = excluded.first_at, is_crossover = excluded.is_crossover,
    is_triggered = excluded.is_triggered, stratum = excluded.stratum, totals = excluded.totals,
    covariates = excluded.covariates
"""

# Places and sums of the measures that a table with these facts decides.
ListSums = Callable[[Sequence[str]], list[tuple[int, str]]]


def make_table(cursor: CursorWrapper, name: str, select: Sql, *, named: dict[str, Any] | None = None) -> int:
    """Keep a SELECT's rows until the transaction ends, and what the planner asks of them; tells how many they are."""
    # Only a test takes two looks in one transaction.
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select.text}", named or select.params)
    n_rows = int(cursor.rowcount)
    cursor.execute(f"ANALYZE {name}")
    return n_rows


@dataclass(frozen=True, slots=True)
class Sums:
    """Tables of sums by a unit's number: where each place is found, and the joins that bring them to a unit `u`."""

    columns: dict[int, str]
    joins: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """Makes the rows of one phase, within the transaction that locked its progress.

    Attributes:
        xid: units whose exposure or links changed in this transaction or later; 0 for all, where no row is there.
        young_since: and units first seen since then.
        settled: up to when facts are added.
    """

    cursor: CursorWrapper
    phase: Phase
    source: MetricSource
    layout: Layout
    xid: int
    young_since: datetime
    settled: datetime

    @property
    def is_of_all(self) -> bool:
        return not self.xid

    def run(self) -> None:
        """Write the rows over those that are there."""
        self._make_units()
        after, before = self._sum_settled(), self._sum_history()
        write = WRITE.format(
            totals=self.layout.read_totals(after.columns),
            covariates=self.layout.read_covariates(before.columns),
            joins=after.joins + before.joins,
        )
        # Where none is there yet, looking for each would only cost.
        write += "" if self.is_of_all else OVER_OLD
        self.cursor.execute(write, [self.phase.pk, self.young_since])
        if self.is_of_all:
            self.cursor.execute("ANALYZE experiments_unittotals")

    def _make_units(self) -> None:
        named: dict[str, Any] = {"phase": self.phase.pk, "xid": self.xid, "settled": self.young_since}
        if not self.is_of_all:
            self.cursor.execute(DROP_LINKED, named)
            make_table(self.cursor, "analysis_touched", Sql(TOUCHED), named=named)
        stratum, pairs = spell_stratum()
        units = UNITS.format(
            wanted=LINKED_UNITS if self.is_of_all else TOUCHED_UNITS,
            only_wanted="" if self.is_of_all else "JOIN wanted w ON w.unit = e.unit",
            stratum=stratum,
            held=NOT_HELD if self.is_of_all else HELD,
        )
        make_table(self.cursor, "analysis_units", Sql(units), named={**named, **pairs})

    def _sum_settled(self) -> Sums:
        self._make_members("analysis_stale", "is_stale")
        earliest, _ = self._find_range("analysis_stale")
        wanted = self._want(self.layout.facts, min(earliest, self.settled), self.settled, "analysis_stale")
        return self._sum("after", wanted, "analysis_stale", self.layout.list_sums, self._spell_after)

    def _sum_history(self) -> Sums:
        members = "analysis_stale"
        if not self.is_of_all:
            members = "analysis_young"
            self._make_members(members, "is_stale OR first_at >= %s", [self.young_since] * 2)
        earliest, latest = self._find_range(members)
        wanted = self._want(self.layout.covariates, earliest - timedelta(days=COVARIATE_DAYS), latest, members)
        condition = "f.at < m.first_at AND f.at >= m.history_since"
        return self._sum("before", wanted, members, self.layout.list_covariate_sums, lambda _: condition)

    def _spell_after(self, facts: Sequence[str]) -> str:
        return f"f.at >= m.first_at AND f.at < m.until_{self.layout.find_longest(facts)}"

    def _want(self, facts: tuple[str, ...], since: datetime, until: datetime, members: str) -> Wanted:
        # Where all units are wanted, naming them would only cost.
        return Wanted(self.phase.pk, facts, since=since, until=until, keys="" if self.is_of_all else members)

    def _sum(
        self, kind: str, wanted: Wanted, members: str, list_sums: ListSums, spell: Callable[[Sequence[str]], str]
    ) -> Sums:
        """Sum each of the source's tables by itself: its rows are read once, and joined once to their unit."""
        columns: dict[int, str] = {}
        joins = []
        for number, table in enumerate(select_tables(self.source, wanted)):
            name, sums = f"analysis_{kind}_{number}", list_sums(table.facts)
            self._keep(name, table.sql, members, sums, spell(table.facts))
            columns |= {place: f"{name}.s{place}" for place, _ in sums}
            joins.append(f" LEFT JOIN {name} ON {name}.no = u.no")
        return Sums(columns, "".join(joins))

    def _keep(self, name: str, rows: Sql, members: str, sums: list[tuple[int, str]], condition: str) -> None:
        spelled = ", ".join(f"{total} AS s{place}" for place, total in sums)
        text = (
            f"SELECT m.no, {spelled} FROM ({rows.text}) f"  # noqa: S608 - built of places and keys
            f" JOIN {members} m ON m.key = f.unit WHERE {condition} GROUP BY m.no"
        )
        make_table(self.cursor, name, Sql(text, rows.params))

    def _make_members(self, name: str, condition: str, params: Sequence[Any] = ()) -> None:
        text = MEMBERS.format(
            condition=condition, ends=self.layout.spell_ends("m.first_at"), history_days=COVARIATE_DAYS
        )
        make_table(self.cursor, name, Sql(text, tuple(params)))

    def _find_range(self, members: str) -> tuple[datetime, datetime]:
        self.cursor.execute(f"SELECT min(first_at), max(first_at) FROM {members}")  # noqa: S608 - a name of ours
        earliest, latest = self.cursor.fetchone()
        return earliest or self.phase.started_at, latest or self.phase.started_at
