"""The `store` group: interactions, lists, impressions and page views into PostgreSQL, in bulk, each id once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from recommendations.events import partitions
from recommendations.events.refusals import refusals
from recommendations.events.schema import Exposed, Impression, ItemChanged, Joined, PageServed, Record, ServedList
from recommendations.ports import Interaction

# Exposures are the experiments' own, and what joins keys is stored as it is found out; other groups take both.
Stored = Interaction | ServedList | Impression | PageServed


@dataclass(frozen=True, slots=True)
class Target:
    """A table, its columns, named as the record's fields are, and the table that a batch is staged in."""

    table: str
    columns: tuple[str, ...]

    @property
    def staging(self) -> str:
        return f"staged_{self.table}"

    @property
    def listed(self) -> str:
        return ", ".join(self.columns)

    def rows(self, records: Iterable[Record]) -> list[tuple[Any, ...]]:
        """The records' fields in the order of the columns; what is a tuple there is an array in the table."""
        read = attrgetter(*self.columns)
        return [tuple(list(value) if isinstance(value, tuple) else value for value in read(one)) for one in records]


INTERACTIONS = Target(
    "recommendations_interaction",
    (
        "event_id",
        "shopper_key",
        "session_id",
        "item_id",
        "event_type",
        "event_value",
        "occurred_at",
        "received_at",
        "recommendation_id",
    ),
)
SERVED = Target(
    "recommendations_recommendationserved",
    (
        "recommendation_id",
        "shopper_key",
        "session_id",
        "page_view_id",
        "row",
        "rotation",
        "campaign_arn",
        "backend_recommendation_id",
        "phase_id",
        "variation",
        "rung",
        "item_ids",
        "served_at",
        "took_ms",
        "error",
        "teams",
    ),
)
IMPRESSIONS = Target(
    "recommendations_impression",
    ("impression_id", "recommendation_id", "page_view_id", "shopper_key", "rank", "seen_at"),
)
PAGES = Target(
    "recommendations_pageserved",
    (
        "page_view_id",
        "shopper_key",
        "session_id",
        "page",
        "status",
        "took_ms",
        "phase_id",
        "variation",
        "served_at",
    ),
)

# The beacon's token proves the list; how long that is, only the list itself can say. A list may come late, or never,
# where a full buffer dropped it: what was seen of it was seen nonetheless.
DELETE_RANKS_BEYOND = f"""
DELETE FROM {IMPRESSIONS.staging} seen USING {SERVED.table} served
WHERE served.recommendation_id = seen.recommendation_id
  AND (seen.rank > cardinality(served.item_ids) OR seen.shopper_key <> served.shopper_key)
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What became of a batch; the rest of it was stored before."""

    interactions: int = 0
    served: int = 0
    impressions: int = 0
    pages: int = 0


def handle(records: Sequence[Record]) -> None:
    """Store a batch in one transaction; see `store`."""
    store(records)


def store(records: Sequence[Record]) -> StoreCounts:
    """Store a batch in one transaction; what is stored already stays as it is.

    An impression beyond the end of its served list is dropped and counted, as is a record whose id lies more than
    24 months back or beyond next month. Interactions are taken as they are: whether a click's item stood in its list
    was decided at the door, for all groups alike.

    Args:
        records: up to some ten thousand, in any order; an impression may come together with its list.

    Returns:
        How many rows are new.

    Raises:
        OperationalError: the database is out of reach; repeat the whole batch.
    """
    placed = _placed(records)
    if not placed:
        return StoreCounts()
    try:
        return _store(placed)
    except IntegrityError:
        # A partition was detached between the look and the write; a second look sees that.
        return _store(_placed(placed))


def _store(records: Sequence[Record]) -> StoreCounts:
    served = SERVED.rows(one for one in records if isinstance(one, ServedList))
    impressions = IMPRESSIONS.rows(one for one in records if isinstance(one, Impression))
    interactions = INTERACTIONS.rows(one for one in records if isinstance(one, Interaction))
    pages = PAGES.rows(one for one in records if isinstance(one, PageServed))
    n_beyond = 0
    with transaction.atomic(), connection.cursor() as cursor:
        # Lists go first: impressions of them may be in the same batch.
        n_served = _stage(cursor, SERVED, served) and _insert(cursor, SERVED)
        n_impressions = _stage(cursor, IMPRESSIONS, impressions)
        if n_impressions:
            cursor.execute(DELETE_RANKS_BEYOND)
            n_beyond = cursor.rowcount
            n_impressions = _insert(cursor, IMPRESSIONS)
        n_interactions = _stage(cursor, INTERACTIONS, interactions) and _insert(cursor, INTERACTIONS)
        n_pages = _stage(cursor, PAGES, pages) and _insert(cursor, PAGES)
    if n_beyond:
        refusals.add("store", "rank_beyond_list", n_beyond)
    return StoreCounts(interactions=n_interactions, served=n_served, impressions=n_impressions, pages=n_pages)


def _stage(cursor: CursorWrapper, target: Target, rows: Sequence[tuple[Any, ...]]) -> int:
    if not rows:
        return 0
    # Made once a connection and emptied at each commit, so that the catalogue does not grow with every batch.
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {target.staging} ON COMMIT DELETE ROWS"  # noqa: S608 - constants of this module
        f" AS SELECT {target.listed} FROM {target.table} WITH NO DATA"
    )
    with cursor.copy(f"COPY {target.staging} ({target.listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return len(rows)


def _insert(cursor: CursorWrapper, target: Target) -> int:
    cursor.execute(
        f"INSERT INTO {target.table} ({target.listed})"  # noqa: S608 - constants of this module
        f" SELECT {target.listed} FROM {target.staging} ON CONFLICT DO NOTHING"
    )
    return int(cursor.rowcount)


def _placed(records: Sequence[Record]) -> list[Stored]:
    """Those that have a table here, and whose month has a partition by now; other months are counted."""
    stored = [record for record in records if not isinstance(record, Exposed | ItemChanged | Joined)]
    months = partitions.ensure_for(_identifier(record) for record in stored)
    placed = [record for record in stored if partitions.month_of(_identifier(record)) in months]
    if len(placed) < len(stored):
        refusals.add("store", "no_partition", len(stored) - len(placed))
    return placed


def _identifier(record: Stored) -> UUID:
    match record:
        case Interaction():
            return record.event_id
        case ServedList():
            return record.recommendation_id
        case Impression():
            return record.impression_id
        case PageServed():
            return record.page_view_id
