"""Streams a window's interactions out of PostgreSQL by COPY, shopper by shopper, oldest first."""

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple, cast

from django.db import connection, transaction
from psycopg import sql

from recommendations import conf
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.archive.staging import STAGED, stage_archive
from recommendations.pipeline.etl.bots import MAX_INTERACTIONS

# Sorted by the database, which needs no memory of ours for it. In this order a shopper's rows come together, so that
# bots and doubled events are found, users are summed up and an import is written without holding more than one shopper.
# COLLATE "C" is the order in which Python and the importers sort text.
EXPORT = """
COPY (
    SELECT coalesce(joined.heir_key, done.shopper_key) AS whose, item_id, extract(epoch FROM occurred_at)::float8,
        event_type, event_value
    FROM {interactions} done
    LEFT JOIN recommendations_keyjoin joined ON joined.shopper_key = done.shopper_key
    WHERE received_at <= {until} AND occurred_at > {since} AND event_type = ANY({event_types})
        AND NOT done.shopper_key ^@ ANY({untrained}::text[])
    ORDER BY coalesce(joined.heir_key, done.shopper_key) COLLATE "C", occurred_at, event_id
) TO STDOUT WITH (FORMAT binary)
"""
STORED = "recommendations_interaction"
# Firehose delivers at least once, and the store's part overlaps the archive's.
ARCHIVED = f"(SELECT DISTINCT ON (event_id) * FROM {STAGED})"  # noqa: S608 - a constant
TYPES = ("text", "text", "float8", "text", "float8")
# The server sorts so many kilobytes in memory before it goes on with files.
WORK_MEMORY = "64MB"


class Row(NamedTuple):
    """One stored interaction; `at_s` is in epoch seconds, with fractions."""

    shopper_key: str
    item_id: str
    at_s: float
    event_type: str
    event_value: float | None


class ShopperRows(NamedTuple):
    """One shopper's interactions, oldest first: the first `MAX_INTERACTIONS` of them, and how many there are."""

    shopper_key: str
    rows: list[Row]
    n_rows: int


def read_shoppers(
    *, since: datetime, until: datetime, event_types: Sequence[str], archive: Place | None = None
) -> Generator[ShopperRows]:
    """Yield every shopper of a window from whom may be learned, in ascending order of the key; one is held at a time.

    Args:
        since: interactions that happened later.
        until: interactions that were received no later.
        event_types: only these.
        archive: read from there what it holds, and only what is newer from the store.

    Raises:
        InvalidInput: a file of the archive is damaged; names it and the fix.
    """
    query = sql.SQL(EXPORT).format(
        interactions=sql.SQL(STORED if archive is None else ARCHIVED),
        since=sql.Literal(since),
        until=sql.Literal(until),
        event_types=sql.Literal(list(event_types)),
        untrained=sql.Literal(conf.untrained_prefixes()),
    )
    with transaction.atomic(), connection.cursor() as wrapper:
        cursor: Any = wrapper.cursor
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        if archive is not None:
            stage_archive(cursor, archive, since=since)
        with cursor.copy(query) as copy:
            copy.set_types(TYPES)
            yield from _by_shopper(copy.rows())


def _by_shopper(rows: Iterator[tuple[Any, ...]]) -> Iterator[ShopperRows]:
    for shopper_key, group in groupby(rows, key=itemgetter(0)):
        kept = [Row(*row) for row in islice(group, MAX_INTERACTIONS)]
        n_more = sum(1 for _ in group)
        yield ShopperRows(cast("str", shopper_key), kept, len(kept) + n_more)
