"""Interactions in bulk: COPY into a staging table, then one insert that keeps what is already there."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from recommendations.events.partitions import ensure_partitions

NULL = r"\N"
CREATE_STAGING = """
    CREATE TEMPORARY TABLE staged_interaction (
        event_id uuid NOT NULL, shopper_key text NOT NULL, session_id text NOT NULL, item_id text NOT NULL,
        event_type text NOT NULL, event_value double precision, occurred_at timestamptz NOT NULL
    ) ON COMMIT DROP
"""
# A fact that a file repeats keeps its time, and takes the rest of its id from the hash of the first one's id and its
# own number: hex digits 1-12 are the time, 13 the version, 17 the variant.
INSERT_STAGED = """
    INSERT INTO recommendations_interaction (
        event_id, shopper_key, session_id, item_id, event_type, event_value, occurred_at, received_at
    )
    SELECT
        CASE WHEN number = 1 THEN event_id ELSE
            (left(hex, 13) || substr(hash, 14, 3) || substr(hex, 17, 1) || substr(hash, 18, 15))::uuid
        END,
        shopper_key, session_id, item_id, event_type, event_value, occurred_at, occurred_at
    FROM (
        SELECT *, md5(hex || number) AS hash FROM (
            SELECT *, replace(event_id::text, '-', '') AS hex, row_number() OVER (PARTITION BY event_id) AS number
            FROM staged_interaction
        ) AS numbered
    ) AS hashed
    ON CONFLICT (event_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """How many interactions were staged, and how many of them were new."""

    n_staged: int
    n_new: int


def copy_line(
    event_id: str,
    shopper_key: str,
    session_id: str,
    item_id: str,
    event_type: str,
    event_value: float | None,
    occurred_at: str,
) -> str:
    """One interaction as PostgreSQL's COPY reads it; ids hold no control characters, `occurred_at` is ISO 8601."""
    value = NULL if event_value is None else repr(event_value)
    shopper_key, item_id = shopper_key.replace("\\", "\\\\"), item_id.replace("\\", "\\\\")
    return f"{event_id}\t{shopper_key}\t{session_id}\t{item_id}\t{event_type}\t{value}\t{occurred_at}\n"


@contextmanager
def staging_table() -> Iterator[None]:
    """An empty staging table until the transaction ends; call it inside one."""
    with connection.cursor() as cursor:
        cursor.execute(CREATE_STAGING)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE staged_interaction")


@contextmanager
def copying() -> Iterator[Any]:
    """A COPY into the staging table; write `copy_line`s to it, encoded, many at a time."""
    with connection.cursor() as cursor, cursor.copy("COPY staged_interaction FROM STDIN") as copy:
        yield copy


def store_staged() -> Stored:
    """Insert what was staged; what the table holds already stays as it is.

    History counts as received when it happened: a retrain's watermark then takes it in by import, never by tracker.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(occurred_at), max(occurred_at) FROM staged_interaction")
        n_staged, oldest_at, newest_at = cursor.fetchone()
        if not n_staged:
            return Stored(0, 0)
        ensure_partitions(oldest_at, newest_at)
        cursor.execute(INSERT_STAGED)
        n_new = cursor.rowcount
        if n_new:
            cursor.execute("ANALYZE recommendations_interaction")
    return Stored(n_staged, n_new)


def in_blocks(lines: Iterable[str], size: int = 2_000) -> Iterator[bytes]:
    """Lines joined and encoded, `size` at a time."""
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == size:
            yield "".join(block).encode()
            block.clear()
    if block:
        yield "".join(block).encode()
