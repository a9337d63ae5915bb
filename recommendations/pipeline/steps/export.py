"""Export: once the store is past the watermark, the window's interactions up to it become a CSV file."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql
from redis.exceptions import RedisError

from recommendations import conf, items
from recommendations.events.schema import EVENT_TYPES
from recommendations.events.stream import EventStream
from recommendations.exceptions import StreamUnavailable
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting

STORE = "store"
# What was received just before the watermark may take this long to be in the stream.
SETTLE = timedelta(seconds=0.5)

STORE_IS_BEHIND = "the store takes in what came before the watermark"

# In the order of the ids, which is the order of time, so that the same rows give the same file.
EXPORT = """
COPY (
    SELECT shopper_key AS "USER_ID", item_id AS "ITEM_ID",
           floor(extract(epoch FROM occurred_at))::bigint AS "TIMESTAMP",
           event_type AS "EVENT_TYPE", event_value AS "EVENT_VALUE"
    FROM recommendations_interaction
    WHERE received_at <= {until} AND occurred_at > {since}
      AND event_type = ANY({event_types}) AND item_id = ANY({item_ids})
    ORDER BY event_id
) TO STDOUT WITH (FORMAT csv, HEADER true)
"""


def run(context: StepContext) -> Outcome:
    """Write the file, or say what is waited for."""
    watermark_at, window_start_at = context.run.watermark_at, context.run.window_start_at
    if watermark_at is None or window_start_at is None:
        return Failed("The run has no watermark.", f"Abandon it: manage.py retrain {context.rotation.key} --abandon.")
    if context.now() < watermark_at + SETTLE:
        return Waiting("the watermark has not passed yet")
    position = context.run.report.get("export", {}).get("stream_position")
    try:
        stream = EventStream.of_settings()
        if position is None:
            # Kept, so that a busy stream's end is not chased for ever.
            return Waiting(STORE_IS_BEHIND, {"stream_position": stream.position()})
        if not stream.has_passed(STORE, position):
            return Waiting(STORE_IS_BEHIND)
    except RedisError as error:
        raise StreamUnavailable(f"The event stream is out of reach: {error}.") from error
    path = export_path(context.run)
    n_rows = export_interactions(context.rotation, path, since=window_start_at, until=watermark_at)
    if n_rows == 0:
        return Failed(
            f"No interaction with a listed product between {window_start_at:%Y-%m-%d} and {watermark_at:%Y-%m-%d}.",
            "Import interactions, or widen RETRAIN_WINDOW_DAYS; check the world's clock if the data are old.",
        )
    return Done(
        f"{n_rows:,} interactions",
        figures={"n_rows": n_rows, "n_bytes": path.stat().st_size, "file": path.name},
    )


def export_path(run: RetrainRun) -> Path:
    """Return where a run's file lies."""
    return conf.exports_dir() / f"{run.resource_name}.csv"


def exported_types(rotation: Rotation) -> list[str]:
    """Return the event types that the rotation trains on: those with a weight above 0."""
    weights = {**EVENT_TYPES, **rotation.event_weights}
    return sorted(event_type for event_type, weight in weights.items() if weight > 0)


def export_interactions(rotation: Rotation, path: Path, *, since: datetime, until: datetime) -> int:
    """Write a rotation's interactions with listed products to a CSV of Personalize's five columns.

    Args:
        rotation: whose event types.
        path: the file; it is there whole or not at all.
        since: those that happened later.
        until: those that were received no later.

    Returns:
        The number of rows.
    """
    query = sql.SQL(EXPORT).format(
        until=sql.Literal(until),
        since=sql.Literal(since),
        event_types=sql.Literal(exported_types(rotation)),
        item_ids=sql.Literal(sorted(items.listed_item_ids()) or [""]),
    )
    return _copy(query, path)


def _copy(query: sql.Composed, path: Path) -> int:
    """Stream a query into a file, whole or not at all, and return its number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with connection.cursor() as wrapper, partial.open("wb") as file:
            cursor: Any = wrapper.cursor
            with cursor.copy(query) as copy:
                for block in copy:
                    file.write(block)
            n_rows: int = cursor.rowcount
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return n_rows
