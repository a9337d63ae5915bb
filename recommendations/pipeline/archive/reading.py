"""Reads interactions out of the archive: this shop's files, and those that Firehose made of the event stream."""

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from recommendations.events.fields import MalformedRecord
from recommendations.events.wire import decode_record
from recommendations.exceptions import InvalidInput
from recommendations.pipeline.archive.hours import HOUR, ArchivedFile
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.archive.writing import list_files
from recommendations.ports import Interaction

FIELDS = ("event_id", "shopper_key", "item_id", "event_type", "event_value", "occurred_at", "received_at")


class ArchivedRow(NamedTuple):
    """One archived interaction, its values as PostgreSQL takes them."""

    event_id: str
    shopper_key: str
    item_id: str
    event_type: str
    event_value: float | None
    occurred_at: str | datetime
    received_at: str | datetime


def files_since(place: Place, since: datetime) -> list[ArchivedFile]:
    """The files that may hold what happened after a moment: nothing is received before it happens."""
    return [file for file in list_files(place) if file.hour + HOUR > since]


def read_file(place: Place, file: ArchivedFile) -> Iterator[ArchivedRow]:
    """The interactions of one file, line by line.

    A line holds one JSON object an interaction, as `writing` has it, or the stream's entries one behind the other, as
    Firehose delivers them from Kinesis; other records of an entry are passed over.

    Raises:
        InvalidInput: the file is damaged; names it and what is wrong.
        RecommendationsError: the archive is out of reach.
    """
    try:
        with place.open(file.name) as raw, gzip.open(raw, "rt", encoding="utf-8") as lines:
            for line in lines:
                for value in _values(line):
                    yield from _rows(value)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, MalformedRecord) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InvalidInput(
            f"ARCHIVE_URL: {file.name} is damaged: {what}. Write its hour anew: manage.py archive_interactions"
            f" --since {file.hour:%Y-%m-%d}."
        ) from error


def _values(line: str) -> Iterator[Any]:
    """All JSON values of a line: Firehose puts nothing between them unless it is told to."""
    decode, place = json.JSONDecoder().raw_decode, 0
    line = line.strip()
    while place < len(line):
        value, place = decode(line, place)
        yield value


def _rows(value: Any) -> Iterator[ArchivedRow]:
    if isinstance(value, dict):
        yield ArchivedRow(*[value[field] for field in FIELDS])
        return
    if not isinstance(value, list):
        raise ValueError(f"{str(value)[:40]!r} is neither an interaction nor an entry of the stream")  # noqa: TRY004
    for parts in value:
        record = decode_record(parts)
        if isinstance(record, Interaction):
            yield ArchivedRow(
                record.event_id.hex,
                record.shopper_key,
                record.item_id,
                record.event_type,
                record.event_value,
                record.occurred_at,
                record.received_at,
            )
