"""Puts the archive's interactions into a table of the transaction, where a window is read as from the store."""

from datetime import datetime
from typing import Any

from psycopg import DataError, sql

from recommendations.exceptions import InvalidInput
from recommendations.pipeline.archive.hours import HOUR
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.archive.reading import FIELDS, files_since, read_file

STAGED = "archived_interaction"
STORED = "recommendations_interaction"
# Firehose delivers up to a quarter of an hour late; what both hold is taken once.
OVERLAP = HOUR


def stage_archive(cursor: Any, place: Place, *, since: datetime) -> int:
    """Fill a temporary table with what happened after a moment: the archive, then the store from its end on.

    Args:
        cursor: psycopg's own, in a transaction, with whose end the table goes.
        place: the archive.
        since: what happened before is left out where it can be told by the file.

    Returns:
        How many rows came from the archive.

    Raises:
        InvalidInput: the archive holds nothing so late, or a file is damaged; names the fix.
        RecommendationsError: the archive is out of reach.
    """
    files = files_since(place, since)
    if not files:
        raise InvalidInput(
            f"ARCHIVE_URL: no interactions since {since:%Y-%m-%d %H}:00 lie there. Write them: manage.py"
            " archive_interactions, or set RETRAIN_FROM=store."
        )
    listed = ", ".join(FIELDS)
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{STAGED}")
    cursor.execute(
        f"CREATE TEMP TABLE {STAGED} ON COMMIT DROP AS SELECT {listed} FROM {STORED} WITH NO DATA"  # noqa: S608
    )
    n_rows = 0
    for file in files:
        try:
            with cursor.copy(f"COPY {STAGED} ({listed}) FROM STDIN") as copy:
                for row in read_file(place, file):
                    copy.write_row(row)
                    n_rows += 1
        except DataError as error:
            raise InvalidInput(f"ARCHIVE_URL: {file.name} holds what is no interaction: {error}") from error
    tail = sql.SQL(f"INSERT INTO {STAGED} SELECT {listed} FROM {STORED} WHERE received_at >= {{end}}")  # noqa: S608
    cursor.execute(tail.format(end=sql.Literal(files[-1].hour - OVERLAP)))
    return n_rows
