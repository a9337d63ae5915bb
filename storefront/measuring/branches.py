"""SELECTs of (unit, at, values), each over one of the shop's tables; and all of them under each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog import conf
from experiments.sources import Sql, Table, Wanted
from recommendations.events import ids, tokens
from recommendations.events.schema import TRADES
from storefront.measuring.facts import OTHERS, ROWS, TESTED, VALUED
from storefront.page_record import API, HOME

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
# What was given back, or never paid, counts against what was bought, at the moment that it came back: sums that have
# settled never change. So a unit may give back what it bought before its exposure, in all variations alike, and what
# comes back after its window still counts as bought.
SIGN = "CASE i.event_type WHEN 'return' THEN -1 ELSE 1 END"
IS_OF_HOME = f"s.row IN {ROWS}"

EVENT = "i.shopper_key AS unit, i.occurred_at AS at"
EVENTS = "FROM recommendations_interaction i WHERE i.event_type = ANY(%s) AND {inside}"
# Lists are looked up by their id; bounds on it leave out the months that cannot hold one.
CLICKS = """FROM recommendations_interaction i
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = i.recommendation_id AND s.recommendation_id >= %s AND s.recommendation_id < %s
WHERE i.event_type = 'row_click' AND {inside}
"""
IMPRESSIONS = """FROM recommendations_impression i
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = i.recommendation_id AND s.recommendation_id >= %s AND s.recommendation_id < %s
WHERE {inside}
"""
LISTS = "FROM recommendations_recommendationserved s WHERE {inside}"
PAGES = f"FROM recommendations_pageserved p WHERE p.page IN {(HOME, API)} AND {{inside}}"
# A join and not a look-up for each purchase: which of the two is cheaper depends on how many there are.
PURCHASES = """FROM (
    SELECT DISTINCT ON (i.event_id) i.shopper_key, i.occurred_at, i.event_value, c.recommendation_id,
           c.occurred_at AS clicked_at
    FROM recommendations_interaction i
    JOIN recommendations_interaction c
      ON c.shopper_key = i.shopper_key AND c.item_id = i.item_id AND c.event_type = 'row_click'
     AND c.occurred_at <= i.occurred_at AND c.occurred_at > i.occurred_at - %s::interval
     AND c.event_id >= %s AND c.event_id < %s
    WHERE i.event_type = 'purchase' AND {inside}
    ORDER BY i.event_id, c.occurred_at DESC, c.event_id DESC
) i
JOIN recommendations_recommendationserved s
  ON s.recommendation_id = i.recommendation_id AND i.clicked_at < s.served_at + %s::interval
 AND s.recommendation_id >= %s AND s.recommendation_id < %s
"""

# What a row of a table is worth to each fact; NULL where it does not count.
Columns = dict[str, str]


@dataclass(frozen=True, slots=True)
class Branches:
    """What one request for facts comes to, table by table; a table without a wanted fact is not read."""

    wanted: Wanted

    def select(self) -> Sql:
        """All facts under each other: (unit, at, fact, value)."""
        found = [self._lengthen(table) for table in self.select_tables()]
        found = found or [Sql("SELECT ''::text, NULL::timestamptz, 0, 0::float8 WHERE false")]
        text = " UNION ALL ".join(each.text for each in found)
        params = tuple(param for each in found for param in each.params)
        # Parentheses alone would not name the columns.
        return Sql(f"SELECT * FROM ({text}) AS facts (unit, at, fact, value)", params)  # noqa: S608

    def select_tables(self) -> tuple[Table, ...]:
        """The same facts side by side, each table of the shop read once."""
        found = (
            self._events(),
            self._clicks(),
            self._impressions(),
            self._lists(),
            self._pages(),
            self._purchases(),
        )
        return tuple(table for table in found if table is not None)

    def _events(self) -> Table | None:
        types = {fact: fact.removeprefix("events:") for fact in self.wanted.facts if fact.startswith("events:")}
        single = {
            **{fact: (name, "1.0") for fact, name in types.items()},
            **{f"value:{name}": (name, VALUE) for name in VALUED},
        }
        kept = {"orders": "1.0", "sales": VALUE, "fees": _fee()}
        wanted = [
            *((fact, (name,), value) for fact, (name, value) in single.items()),
            *((fact, TRADES, f"{SIGN} * ({value})") for fact, value in kept.items()),
        ]
        chosen = [each for each in wanted if each[0] in self.wanted.facts]
        columns = {fact: _when(f"i.event_type IN ({_quoted(names)})", value) for fact, names, value in chosen}
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        return self._make(
            columns,
            EVENTS.format(inside=inside.text),
            (sorted({name for _, names, _ in chosen for name in names}), *inside.params),
            head=EVENT,
        )

    def _clicks(self) -> Table | None:
        team = "substr(s.teams, array_position(s.item_ids, i.item_id), 1)"
        columns = {
            **self._by_row("row_clicks"),
            "row_clicks": _when(IS_OF_HOME),
            **{f"team_clicks:{name.lower()}": _when(f"{self._is_tested()} AND {team} = '{name}'") for name in "AB"},
        }
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        params = (*self._list_bounds(), *inside.params)
        return self._make(columns, CLICKS.format(inside=inside.text), params, head=EVENT)

    def _impressions(self) -> Table | None:
        inside = self._inside("i", "seen_at", "impression_id", behind=ID_BEHIND)
        params = (*self._list_bounds(), *inside.params)
        text = IMPRESSIONS.format(inside=inside.text)
        return self._make(self._by_row("items_seen"), text, params, head="i.shopper_key AS unit, i.seen_at AS at")

    def _lists(self) -> Table | None:
        columns = self._by_row("items_served", "cardinality(s.item_ids)")
        inside = self._inside("s", "served_at", "recommendation_id", behind=ID_AROUND)
        return self._make(
            columns, LISTS.format(inside=inside.text), inside.params, head="s.shopper_key AS unit, s.served_at AS at"
        )

    def _pages(self) -> Table | None:
        went_well, is_home = f"p.status < {SERVER_ERROR}", f"p.page = '{HOME}'"
        columns = {
            "row_views": _when(went_well),
            "home_views": _when(f"{is_home} AND {went_well}"),
            "home_ms": _when(f"{is_home} AND {went_well}", f"LEAST(p.took_ms, {LATENCY_CAP_MS})"),
            "pages": _when(is_home),
            "page_errors": _when(f"{is_home} AND p.status >= {SERVER_ERROR}"),
        }
        inside = self._inside("p", "served_at", "page_view_id", behind=ID_AROUND)
        return self._make(
            columns, PAGES.format(inside=inside.text), inside.params, head="p.shopper_key AS unit, p.served_at AS at"
        )

    def _purchases(self) -> Table | None:
        columns = {**self._by_row("bought"), **self._by_row("attributed_fees", _fee())}
        inside = self._inside("i", "occurred_at", "event_id", behind=ID_BEHIND, received="received_at")
        clicks = _bounds(self.wanted.since, self.wanted.until, behind=CLICK_COUNTS_FOR + ID_BEHIND)
        lists = _bounds(self.wanted.since, self.wanted.until, behind=CLICK_COUNTS_FOR + LIST_COUNTS_FOR + ID_BEHIND)
        params = (CLICK_COUNTS_FOR, *clicks, *inside.params, LIST_COUNTS_FOR, *lists)
        return self._make(columns, PURCHASES.format(inside=inside.text), params, head=EVENT)

    def _make(self, columns: Columns, rows: str, params: tuple[Any, ...], *, head: str) -> Table | None:
        """A table of those facts that are wanted; None where none is, so that it is not read at all."""
        facts = tuple(fact for fact in columns if fact in self.wanted.facts)
        if not facts:
            return None
        values = ", ".join(f"{columns[fact]} AS v{place}" for place, fact in enumerate(facts))
        return Table(facts, Sql(f"SELECT {head}, {values} {rows}", params))

    def _lengthen(self, table: Table) -> Sql:
        places = [str(self.wanted.facts.index(fact)) for fact in table.facts]
        values = [f"w.v{number}" for number in range(len(places))]
        if len(places) == 1:
            text = f"SELECT w.unit, w.at, {places[0]}, w.v0 FROM ({table.sql.text}) w WHERE w.v0 IS NOT NULL"  # noqa: S608
        else:
            text = (
                f"SELECT w.unit, w.at, x.fact, x.value FROM ({table.sql.text}) w CROSS JOIN LATERAL"  # noqa: S608
                f" unnest(ARRAY[{', '.join(places)}]::int[], ARRAY[{', '.join(values)}]::float8[]) AS x (fact, value)"
                " WHERE x.value IS NOT NULL"
            )
        return Sql(text, table.sql.params)

    def _by_row(self, name: str, value: str = "1.0") -> Columns:
        """The facts of a list's row, and those of the row being tested and of the others of the homepage."""
        is_tested = self._is_tested()
        return {
            **{f"{name}:{row}": _when(f"s.row = '{row}'", value) for row in ROWS},
            f"{name}:{TESTED}": _when(is_tested, value),
            f"{name}:{OTHERS}": _when(f"NOT {is_tested} AND {IS_OF_HOME}", value),
        }

    def _is_tested(self) -> str:
        return f"(s.phase_id IS NOT NULL AND s.phase_id = {int(self.wanted.phase_id)})"

    def _list_bounds(self) -> tuple[UUID, UUID]:
        return _bounds(self.wanted.since, self.wanted.until, behind=ID_BEHIND)

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


def _when(condition: str, value: str = "1.0") -> str:
    return f"CASE WHEN {condition} THEN ({value})::float8 END"


def _fee() -> str:
    """The seller's fee for a purchase at its price, by the table of fees: what its order says, to the cent."""
    fees = conf.fees()
    cents = f"round(({VALUE} * 100)::numeric)"
    return f"LEAST({cents}, GREATEST(round({cents} * {fees.seller_share:f}), {fees.seller_min_cents:d})) / 100"
