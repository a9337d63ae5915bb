"""Records as the stream carries them: JSON arrays, a hundred to an entry; the unusable are refused with a reason."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from recommendations.events import codecs
from recommendations.events.codecs import Json
from recommendations.events.fields import MalformedRecord
from recommendations.events.schema import Exposed, Impression, ItemChanged, Joined, PageServed, Record, ServedList
from recommendations.ports import Interaction

ENTRY_RECORDS = 100

# Kind, the first item of a record's array -> what makes a record of the rest.
DECODERS: MappingProxyType[str, Callable[..., Record]] = MappingProxyType(
    {
        "i": codecs.decode_interaction,
        "s": codecs.decode_served,
        "m": codecs.decode_impression,
        "p": codecs.decode_page,
        "x": codecs.decode_exposed,
        "j": codecs.decode_joined,
        "c": codecs.decode_changed,
    }
)


@dataclass(frozen=True, slots=True)
class DecodedEntry:
    """What a stream entry held, and how many of its records were refused for which reason."""

    records: list[Record]
    refusals: Counter[str] = field(default_factory=Counter)


def encode_record(record: Record, *, received_at: datetime | None = None) -> list[Json]:
    """A record as a JSON array whose first item names its kind.

    Args:
        record: what to encode.
        received_at: overrides an interaction's own receipt; the stream's writers stamp it as they append.
    """
    match record:
        case Interaction():
            return codecs.encode_interaction(record, received_at or record.received_at)
        case ServedList():
            return codecs.encode_served(record)
        case Impression():
            return codecs.encode_impression(record)
        case PageServed():
            return codecs.encode_page(record)
        case Exposed():
            return codecs.encode_exposed(record)
        case Joined():
            return codecs.encode_joined(record)
        case ItemChanged():
            return codecs.encode_changed(record)


def encode_entries(records: Sequence[Record], *, received_at: datetime | None = None) -> list[bytes]:
    """Payloads of as few stream entries as hold the records, a hundred each: JSON arrays of records."""
    encoded = [encode_record(record, received_at=received_at) for record in records]
    return [
        json.dumps(encoded[start : start + ENTRY_RECORDS], separators=(",", ":"), ensure_ascii=False).encode()
        for start in range(0, len(encoded), ENTRY_RECORDS)
    ]


def decode_record(parts: object) -> Record:
    """The record of one wire array.

    Raises:
        MalformedRecord: unknown kind or event type, a field missing, too long or of a wrong type.
    """
    if not isinstance(parts, list) or not parts:
        raise MalformedRecord("malformed", "A record must be a JSON array that begins with its kind.")
    kind: Any = parts[0]
    decode = DECODERS.get(kind) if isinstance(kind, str) else None
    if decode is None:
        raise MalformedRecord("unknown_kind", f"record[0] == {kind!r}, must be one of {', '.join(DECODERS)}.")
    try:
        return decode(*parts[1:])
    except MalformedRecord:
        raise
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MalformedRecord("malformed", f"A record of kind {kind!r} does not parse: {error}.") from error


def decode_entry(payload: bytes) -> DecodedEntry:
    """The usable records of an entry; the others are counted by reason.

    Raises:
        MalformedRecord: the payload is no JSON array at all.
    """
    try:
        entries = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MalformedRecord("undecodable", f"The entry is no JSON: {error}.") from error
    if not isinstance(entries, list):
        raise MalformedRecord("undecodable", "The entry must be a JSON array of records.")
    decoded = DecodedEntry(records=[])
    for parts in entries:
        try:
            decoded.records.append(decode_record(parts))
        except MalformedRecord as error:
            decoded.refusals[error.reason] += 1
    return decoded


def check_record(record: Record) -> None:
    """Refuse a record that no reader of the stream would take.

    Raises:
        MalformedRecord: the message names the field.
    """
    decode_record(encode_record(record))
