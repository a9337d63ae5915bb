"""Writes closed hours of interactions into the archive, and deletes those that are kept no longer."""

import gzip
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from psycopg import sql
from redis.exceptions import RedisError

from recommendations import conf
from recommendations.events import pulse
from recommendations.events.connections import worker_client
from recommendations.events.streams import open_stream
from recommendations.exceptions import StreamUnavailable
from recommendations.models import Interaction
from recommendations.pipeline.archive.hours import HOUR, ArchivedFile, hour_of, name_of, parse_name
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.context import Progress, ignore_progress

STORE = "store"
# What was received at the end of an hour may take so long to be in the stream, by the system's clock.
SETTLE = timedelta(minutes=1)
# The server sorts so many kilobytes in memory before it goes on with files.
WORK_MEMORY = "64MB"
# In the order of receipt, so that one pass writes one hour after the other; PostgreSQL spells the JSON.
LINES = """
COPY (
    SELECT received_at, json_build_object('event_id', event_id, 'shopper_key', shopper_key, 'session_id', session_id,
        'item_id', item_id, 'event_type', event_type, 'event_value', event_value, 'occurred_at', occurred_at,
        'received_at', received_at, 'recommendation_id', recommendation_id)::text
    FROM recommendations_interaction WHERE received_at >= {since} AND received_at < {until}
    ORDER BY received_at, event_id
) TO STDOUT WITH (FORMAT binary)
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """What one call did.

    Attributes:
        n_hours: files written; hours without interactions have none.
        n_interactions: in them.
        n_deleted: files deleted.
        until: all that was received before is in the archive.
    """

    n_hours: int
    n_interactions: int
    n_deleted: int
    until: datetime


def archive_interactions(
    place: Place, *, since: datetime | None = None, most_hours: int | None = None, progress: Progress = ignore_progress
) -> Archived:
    """Write the hours that are closed and not in the archive yet, oldest first; delete those beyond the retention.

    An hour is closed once the store has taken in all that was received in it. Each is one file, there whole or not at
    all; whoever is killed goes on at the next call, and two at a time write the same.

    Args:
        place: where to.
        since: write all hours from this one on, also those that are there; by default what is missing at the end.
        most_hours: how many hours to look at; by default all.
        progress: takes the share done, 0..1, and a note.

    Raises:
        StreamUnavailable: how far the store is, is not known.
        RecommendationsError: the archive cannot be written.
    """
    files = list_files(place)
    n_deleted = _delete_expired(place, files)
    until = hour_of(complete_until())
    first = hour_of(since) if since else _next_hour(files)
    if first is None or first >= until:
        return Archived(0, 0, n_deleted, until)
    if most_hours is not None:
        until = min(until, first + most_hours * HOUR)
    n_hours = n_interactions = 0
    for hour, lines in _hours(first, until):
        n_interactions += _write(place, hour, lines)
        n_hours += 1
        progress((hour - first) / (until - first), f"{hour:%Y-%m-%d %H}:00, {n_interactions:,} interactions")
    return Archived(n_hours, n_interactions, n_deleted, until)


def list_files(place: Place) -> list[ArchivedFile]:
    """All files of an archive, oldest first, whoever wrote them."""
    return sorted(file for name in place.names() if (file := parse_name(name)) is not None)


def complete_until() -> datetime:
    """The moment up to which the store holds all that was received: now, less what its consumers have still to do.

    Raises:
        StreamUnavailable: stream or Valkey is out of reach.
    """
    now = conf.now()
    try:
        waiting_s = open_stream().waiting_since_s(STORE)
        lag_s = max(0.0, pulse.time_s(worker_client()) - waiting_s) if waiting_s is not None else 0.0
    except (RedisError, OSError) as error:
        raise StreamUnavailable(f"How far the store is, is not known: {error}.") from error
    return now - (timedelta(seconds=lag_s) + SETTLE) * conf.clock_rate()


def _next_hour(files: list[ArchivedFile]) -> datetime | None:
    """The hour of the oldest interaction behind the newest hour of ours; None where there is none."""
    ours = [file.hour for file in files if file.is_ours]
    missing = Interaction.objects.filter(received_at__gte=max(ours) + HOUR) if ours else Interaction.objects.all()
    oldest: datetime | None = missing.aggregate(oldest=Min("received_at"))["oldest"]
    return hour_of(oldest) if oldest is not None else None


def _hours(since: datetime, until: datetime) -> Iterator[tuple[datetime, Iterator[str]]]:
    query = sql.SQL(LINES).format(since=sql.Literal(since), until=sql.Literal(until))
    with transaction.atomic(), connection.cursor() as wrapper:
        cursor: Any = wrapper.cursor
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        with cursor.copy(query) as copy:
            copy.set_types(("timestamptz", "text"))
            for hour, rows in groupby(copy.rows(), key=lambda row: hour_of(row[0])):
                yield hour, (line for _, line in rows)


def _write(place: Place, hour: datetime, lines: Iterable[str]) -> int:
    n_lines = 0
    with tempfile.TemporaryDirectory(prefix="archive-") as folder:
        path = Path(folder) / "hour.gz"
        # Without name and time in its header a file's bytes are a matter of its interactions alone.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            for line in lines:
                file.write(f"{line}\n".encode())
                n_lines += 1
        place.store(path, name_of(hour))
    return n_lines


def _delete_expired(place: Place, files: list[ArchivedFile]) -> int:
    """Delete whole months, as the store does, also what Firehose delivered: the privacy page promises it."""
    now = conf.now().astimezone(UTC)
    oldest_kept = now.year * 12 + now.month - 1 - conf.retention_months()
    expired = [file for file in files if file.hour.year * 12 + file.hour.month - 1 < oldest_kept]
    for file in expired:
        place.delete(file.name)
        files.remove(file)
    return len(expired)
