"""SELECTs of (unit, at, fact, value), each over one of the shop's tables; a fact is its position in what is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.conf import FEE_SHARE
from experiments.sources import Sql, Wanted
from recommendations.events import ids, tokens
from storefront.measuring.facts import OTHERS, ROWS, TESTED, VALUED

# A click's or an impression's id bears the time of its list, whose token lives so long.
ID_BEHIND = tokens.LIFE + timedelta(hours=1)
# Ids are made a moment before or after what they stand for.
ID_AROUND = timedelta(hours=1)
# Last click wins: an order within so long of a click, on an item that was shown so long before it at most.
CLICK_COUNTS_FOR = timedelta(days=7)
LIST_COUNTS_FOR = timedelta(hours=24)
LATENCY_CAP_MS = 2_000.0
SERVER_ERROR = 500
VALUE = "COALESCE(i.event_value, 0)"
FEE = f"{VALUE} * {FEE_SHARE}"

# Lists are looked up by their id; bounds on it leave out the months that cannot hold one.
CLICKS = """
SELECT i.shopper_key, i.occurred_at, x.fact, 1.0::float8
FROM recommendations_interaction i
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = i.recommendation_id AND s.recommendation_id >= %s AND s.recommendation_id < %s
CROSS JOIN LATERAL unnest(ARRAY[{facts}]::int[]) AS x (fact)
WHERE i.event_type = 'row_click' AND x.fact IS NOT NULL AND {inside}
"""
IMPRESSIONS = """
SELECT i.shopper_key, i.seen_at, x.fact, 1.0::float8
FROM recommendations_impression i
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = i.recommendation_id AND s.recommendation_id >= %s AND s.recommendation_id < %s
CROSS JOIN LATERAL unnest(ARRAY[{facts}]::int[]) AS x (fact)
WHERE x.fact IS NOT NULL AND {inside}
"""
LISTS = """
SELECT s.shopper_key, s.served_at, x.fact, cardinality(s.item_ids)::float8
FROM recommendations_recommendationserved s
CROSS JOIN LATERAL unnest(ARRAY[{facts}]::int[]) AS x (fact)
WHERE x.fact IS NOT NULL AND {inside}
"""
PAGES = """
SELECT p.shopper_key, p.served_at, x.fact, x.value
FROM recommendations_pageserved p
CROSS JOIN LATERAL unnest(ARRAY[{facts}]::int[], ARRAY[{values}]::float8[]) AS x (fact, value)
WHERE x.fact IS NOT NULL AND p.page = 'home' AND {inside}
"""
PURCHASES = """
SELECT i.shopper_key, i.occurred_at, x.fact, x.value
FROM recommendations_interaction i
CROSS JOIN LATERAL (
    SELECT c.recommendation_id, c.occurred_at FROM recommendations_interaction c
    WHERE c.shopper_key = i.shopper_key AND c.item_id = i.item_id AND c.event_type = 'row_click'
      AND c.occurred_at <= i.occurred_at AND c.occurred_at > i.occurred_at - %s::interval AND c.event_id >= %s
    ORDER BY c.occurred_at DESC LIMIT 1
) c
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = c.recommendation_id AND c.occurred_at < s.served_at + %s::interval
CROSS JOIN LATERAL unnest(ARRAY[{facts}]::int[], ARRAY[{values}]::float8[]) AS x (fact, value)
WHERE i.event_type = 'purchase' AND x.fact IS NOT NULL AND {inside}
"""


@dataclass(frozen=True, slots=True)
class Branches:
    """What one request for facts comes to, table by table; a table without a wanted fact is not read."""

    wanted: Wanted

    def select(self) -> Sql:
        """All branches under each other."""
        found = [
            branch
            for branch in (
                self._counts(),
                self._values(),
                self._clicks(),
                self._impressions(),
                self._lists(),
                self._pages(),
                self._purchases(),
            )
            if branch is not None
        ] or [Sql("SELECT ''::text, NULL::timestamptz, 0, 0::float8 WHERE false")]
        text = " UNION ALL ".join(branch.text for branch in found)
        params = tuple(param for branch in found for param in branch.params)
        # Parentheses alone would not name the columns.
        return Sql(f"SELECT * FROM ({text}) AS facts (unit, at, fact, value)", params)  # noqa: S608

    def _counts(self) -> Sql | None:
        """Events by type, the most numerous of all: one expression, and no row of another type."""
        places = {fact.removeprefix("events:"): self._place(fact) for fact in self.wanted.facts if "events:" in fact}
        if not places:
            return None
        cases = " ".join(f"WHEN '{name}' THEN {place}" for name, place in places.items())
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        return Sql(
            f"SELECT i.shopper_key, i.occurred_at, CASE i.event_type {cases} END, 1.0::float8"  # noqa: S608
            f" FROM recommendations_interaction i WHERE i.event_type = ANY(%s) AND {inside.text}",
            (list(places), *inside.params),
        )

    def _values(self) -> Sql | None:
        pairs = {
            **{f"value:{name}": f"CASE i.event_type WHEN '{name}' THEN {VALUE} END" for name in VALUED},
            "fees": f"CASE i.event_type WHEN 'purchase' THEN {FEE} END",
        }
        wanted = {fact: value for fact, value in pairs.items() if self._place(fact) is not None}
        if not wanted:
            return None
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        return Sql(
            "SELECT i.shopper_key, i.occurred_at, x.fact, x.value FROM recommendations_interaction i"  # noqa: S608
            f" CROSS JOIN LATERAL unnest(ARRAY[{', '.join(str(self._place(fact)) for fact in wanted)}]::int[],"
            f" ARRAY[{', '.join(wanted.values())}]::float8[]) AS x (fact, value)"
            f" WHERE i.event_type = ANY(%s) AND x.value IS NOT NULL AND {inside.text}",
            (list(VALUED), *inside.params),
        )

    def _clicks(self) -> Sql | None:
        team = "substr(s.teams, array_position(s.item_ids, i.item_id), 1)"
        facts = [
            *self._by_row("row_clicks"),
            *self._when({"row_clicks": f"s.row = ANY(ARRAY[{_quoted(ROWS)}])"}),
            *self._when({f"team_clicks:{name.lower()}": f"{self._is_tested()} AND {team} = '{name}'" for name in "AB"}),
        ]
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        return self._over_lists(CLICKS, facts, inside)

    def _impressions(self) -> Sql | None:
        inside = self._inside("i", "seen_at", "impression_id", behind=ID_BEHIND)
        return self._over_lists(IMPRESSIONS, self._by_row("items_seen"), inside)

    def _lists(self) -> Sql | None:
        facts = self._by_row("items_served")
        inside = self._inside("s", "served_at", "recommendation_id", behind=ID_AROUND)
        return Sql(LISTS.format(facts=", ".join(facts), inside=inside.text), inside.params) if facts else None

    def _pages(self) -> Sql | None:
        went_well = f"p.status < {SERVER_ERROR}"
        pairs = {
            "home_views": (went_well, "1.0"),
            "home_ms": (went_well, f"LEAST(p.took_ms, {LATENCY_CAP_MS})"),
            "pages": ("true", "1.0"),
            "page_errors": (f"p.status >= {SERVER_ERROR}", "1.0"),
        }
        wanted = {fact: pair for fact, pair in pairs.items() if self._place(fact) is not None}
        if not wanted:
            return None
        inside = self._inside("p", "served_at", "page_view_id", behind=ID_AROUND)
        facts = self._when({fact: condition for fact, (condition, _) in wanted.items()})
        values = ", ".join(value for _, value in wanted.values())
        return Sql(PAGES.format(facts=", ".join(facts), values=values, inside=inside.text), inside.params)

    def _purchases(self) -> Sql | None:
        bought, fees = self._by_row("bought"), self._by_row("attributed_fees")
        if not bought and not fees:
            return None
        values = [*("1.0" for _ in bought), *(FEE for _ in fees)]
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        oldest = ids.floor_for(self.wanted.since - CLICK_COUNTS_FOR - ID_BEHIND)
        return Sql(
            PURCHASES.format(facts=", ".join([*bought, *fees]), values=", ".join(values), inside=inside.text),
            (CLICK_COUNTS_FOR, oldest, LIST_COUNTS_FOR, *inside.params),
        )

    def _over_lists(self, text: str, facts: Sequence[str], inside: Sql) -> Sql | None:
        if not facts:
            return None
        bounds = _bounds(self.wanted.since, self.wanted.until, behind=ID_BEHIND)
        return Sql(text.format(facts=", ".join(facts), inside=inside.text), (*bounds, *inside.params))

    def _by_row(self, name: str) -> list[str]:
        """The fact of a list's row, and that of the row being tested or not; expressions that give a place or NULL."""
        places = {row: place for row in ROWS if (place := self._place(f"{name}:{row}")) is not None}
        cases = " ".join(f"WHEN '{row}' THEN {place}" for row, place in places.items())
        is_tested, is_of_home = self._is_tested(), f"s.row = ANY(ARRAY[{_quoted(ROWS)}])"
        return [
            *([f"CASE s.row {cases} END"] if cases else []),
            *self._when({f"{name}:{TESTED}": is_tested, f"{name}:{OTHERS}": f"NOT {is_tested} AND {is_of_home}"}),
        ]

    def _when(self, conditions: Mapping[str, str]) -> list[str]:
        return [
            f"CASE WHEN {condition} THEN {place} END"
            for fact, condition in conditions.items()
            if (place := self._place(fact)) is not None
        ]

    def _is_tested(self) -> str:
        return f"(s.phase_id IS NOT NULL AND s.phase_id = {int(self.wanted.phase_id)})"

    def _place(self, fact: str) -> int | None:
        return self.wanted.facts.index(fact) if fact in self.wanted.facts else None

    def _inside(self, alias: str, at: str, identifier: str, *, behind: timedelta, received: str = "") -> Sql:
        """The wanted time and units. The id bounds which months are read, the receipt which blocks of them."""
        wanted = self.wanted
        text = f"{alias}.{at} >= %s AND {alias}.{at} < %s AND {alias}.{identifier} >= %s AND {alias}.{identifier} < %s"
        params: tuple[Any, ...] = (wanted.since, wanted.until, *_bounds(wanted.since, wanted.until, behind=behind))
        if received:
            text, params = f"{text} AND {alias}.{received} >= %s", (*params, wanted.since - ID_AROUND)
        if wanted.keys:
            text = f"{text} AND {alias}.shopper_key IN (SELECT key FROM {wanted.keys})"  # noqa: S608 - a name of ours
        return Sql(text, params)


def _bounds(since: datetime, until: datetime, *, behind: timedelta) -> tuple[UUID, UUID]:
    return ids.floor_for(since - behind), ids.floor_for(until + ID_AROUND)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
