"""Records as the stream carries them: JSON arrays, a hundred to an entry; the unusable are refused with a reason."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from recommendations.events import ids
from recommendations.events.schema import EVENT_TYPES, MAX_ITEMS, Impression, Record, ServedList
from recommendations.exceptions import InvalidInput
from recommendations.ports import Interaction

ENTRY_RECORDS = 100
MAX_RANK = MAX_ITEMS
MICROSECOND = timedelta(microseconds=1)

Json = str | int | float | None | list[str]


class MalformedRecord(InvalidInput):
    """A record that no reader can use; `reason` is the counter it adds to."""

    code = "malformed_record"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


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
            return _encode_interaction(record, received_at or record.received_at)
        case ServedList():
            return _encode_served(record)
        case Impression():
            return _encode_impression(record)


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
    kind, *fields = parts
    try:
        if kind == "i":
            return _decode_interaction(*fields)
        if kind == "s":
            return _decode_served(*fields)
        if kind == "m":
            return _decode_impression(*fields)
    except MalformedRecord:
        raise
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MalformedRecord("malformed", f"A record of kind {kind!r} does not parse: {error}.") from error
    raise MalformedRecord("unknown_kind", f"record[0] == {kind!r}, must be 'i', 's' or 'm'.")


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


def _encode_interaction(record: Interaction, received_at: datetime) -> list[Json]:
    return [
        "i",
        record.event_id.hex,
        record.shopper_key,
        record.session_id,
        record.item_id,
        record.event_type,
        _microseconds(record.occurred_at),
        _microseconds(received_at),
        record.event_value,
        record.recommendation_id.hex if record.recommendation_id else None,
    ]


def _encode_served(record: ServedList) -> list[Json]:
    return [
        "s",
        record.recommendation_id.hex,
        record.shopper_key,
        record.session_id,
        record.page_view_id.hex,
        record.row,
        record.rung,
        list(record.item_ids),
        _microseconds(record.served_at),
        record.rotation,
        record.campaign_arn,
        record.backend_recommendation_id,
        record.phase,
        record.variation,
    ]


def _encode_impression(record: Impression) -> list[Json]:
    return [
        "m",
        record.impression_id.hex,
        record.recommendation_id.hex,
        record.page_view_id.hex,
        record.shopper_key,
        record.rank,
        _microseconds(record.seen_at),
    ]


def _decode_interaction(
    event_id: str,
    shopper_key: str,
    session_id: str,
    item_id: str,
    event_type: str,
    occurred: int,
    received: int,
    value: float | None,
    recommendation_id: str | None,
) -> Interaction:
    if event_type not in EVENT_TYPES:
        raise MalformedRecord(
            "unknown_event_type", f"event_type == {event_type!r}; known are {', '.join(EVENT_TYPES)}."
        )
    if value is not None and not math.isfinite(value):
        raise MalformedRecord("malformed", f"event_value == {value}, must be finite.")
    return Interaction(
        event_id=_uuid7(event_id),
        shopper_key=_text("shopper_key", shopper_key, 64),
        session_id=_text("session_id", session_id, 32, may_be_empty=True),
        item_id=_text("item_id", item_id, 64),
        event_type=event_type,
        occurred_at=_moment(occurred),
        received_at=_moment(received),
        event_value=None if value is None else float(value),
        recommendation_id=UUID(recommendation_id) if recommendation_id else None,
    )


def _decode_served(
    recommendation_id: str,
    shopper_key: str,
    session_id: str,
    page_view_id: str,
    row: str,
    rung: str,
    item_ids: Sequence[str],
    served: int,
    rotation: str,
    campaign_arn: str,
    backend_recommendation_id: str,
    phase: int | None,
    variation: str,
) -> ServedList:
    if not isinstance(item_ids, list) or len(item_ids) > MAX_ITEMS:
        raise MalformedRecord("malformed", f"item_ids must be a list of at most {MAX_ITEMS}.")
    if phase is not None and not -(2**31) <= phase < 2**31:
        raise MalformedRecord("malformed", f"phase == {phase}, must fit 32 bits.")
    return ServedList(
        recommendation_id=_uuid7(recommendation_id),
        shopper_key=_text("shopper_key", shopper_key, 64),
        session_id=_text("session_id", session_id, 32, may_be_empty=True),
        page_view_id=UUID(page_view_id),
        row=_text("row", row, 40),
        rung=_text("rung", rung, 16),
        item_ids=tuple(_text("item_ids", item_id, 64) for item_id in item_ids),
        served_at=_moment(served),
        rotation=_text("rotation", rotation, 40, may_be_empty=True),
        campaign_arn=_text("campaign_arn", campaign_arn, 256, may_be_empty=True),
        backend_recommendation_id=_text("backend_recommendation_id", backend_recommendation_id, 64, may_be_empty=True),
        phase=None if phase is None else int(phase),
        variation=_text("variation", variation, 40, may_be_empty=True),
    )


def _decode_impression(
    impression_id: str, recommendation_id: str, page_view_id: str, shopper_key: str, rank: int, seen: int
) -> Impression:
    if not 0 <= rank <= MAX_RANK:
        raise MalformedRecord("malformed", f"rank == {rank}, must be 0..{MAX_RANK}.")
    return Impression(
        impression_id=_uuid7(impression_id),
        recommendation_id=UUID(recommendation_id),
        page_view_id=UUID(page_view_id),
        shopper_key=_text("shopper_key", shopper_key, 64),
        rank=int(rank),
        seen_at=_moment(seen),
    )


def _text(name: str, value: str, limit: int, *, may_be_empty: bool = False) -> str:
    # What is not printable (NUL, lone surrogates) PostgreSQL would refuse together with its whole batch.
    if not value.isprintable() or len(value) > limit or not (value or may_be_empty):
        raise MalformedRecord("malformed", f"{name} must be printable and of 1 to {limit} characters.")
    return value


def _uuid7(value: str) -> UUID:
    identifier = UUID(value)
    if identifier.version != 7:
        raise MalformedRecord("malformed", f"{value!r} is no UUIDv7.")
    ids.time_of(identifier)
    return identifier


def _microseconds(moment: datetime) -> int:
    return (moment - ids.EPOCH) // MICROSECOND


def _moment(microseconds: int) -> datetime:
    return ids.EPOCH + timedelta(microseconds=microseconds)
