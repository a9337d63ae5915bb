"""One record of the stream as a JSON array, and back: which fields, in which order, within which bounds."""

import math
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from recommendations.events import fields
from recommendations.events.schema import (
    EVENT_TYPES,
    MAX_ITEMS,
    Exposed,
    Impression,
    ItemChanged,
    Joined,
    PageServed,
    ServedList,
)
from recommendations.ports import Interaction

MAX_RANK = MAX_ITEMS
MAX_VARIATION = 100
MAX_NUMBER = (1 << 63) - 1
TEAMS = frozenset("AB-")

Json = str | int | float | None | list[str] | dict[str, str]


def encode_interaction(record: Interaction, received_at: datetime) -> list[Json]:
    return [
        "i",
        record.event_id.hex,
        record.shopper_key,
        record.session_id,
        record.item_id,
        record.event_type,
        fields.microseconds(record.occurred_at),
        fields.microseconds(received_at),
        record.event_value,
        record.recommendation_id.hex if record.recommendation_id else None,
    ]


def encode_served(record: ServedList) -> list[Json]:
    return [
        "s",
        record.recommendation_id.hex,
        record.shopper_key,
        record.session_id,
        record.page_view_id.hex,
        record.row,
        record.rung,
        list(record.item_ids),
        fields.microseconds(record.served_at),
        record.rotation,
        record.campaign_arn,
        record.backend_recommendation_id,
        record.phase_id,
        record.variation,
        record.took_ms,
        record.error,
        record.teams,
    ]


def encode_impression(record: Impression) -> list[Json]:
    return [
        "m",
        record.impression_id.hex,
        record.recommendation_id.hex,
        record.page_view_id.hex,
        record.shopper_key,
        record.rank,
        fields.microseconds(record.seen_at),
    ]


def decode_interaction(
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
        raise fields.MalformedRecord(
            "unknown_event_type", f"event_type == {event_type!r}; known are {', '.join(EVENT_TYPES)}."
        )
    if value is not None and not math.isfinite(value):
        raise fields.MalformedRecord("malformed", f"event_value == {value}, must be finite.")
    return Interaction(
        event_id=fields.uuid7(event_id),
        shopper_key=fields.text("shopper_key", shopper_key, 64),
        session_id=fields.text("session_id", session_id, 32, may_be_empty=True),
        item_id=fields.text("item_id", item_id, 64),
        event_type=event_type,
        occurred_at=fields.moment(occurred),
        received_at=fields.moment(received),
        event_value=None if value is None else float(value),
        recommendation_id=UUID(recommendation_id) if recommendation_id else None,
    )


def decode_served(
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
    phase_id: int | None,
    variation: str,
    took_ms: float | None = None,
    error: str = "",
    teams: str = "",
) -> ServedList:
    if not isinstance(item_ids, list) or len(item_ids) > MAX_ITEMS:
        raise fields.MalformedRecord("malformed", f"item_ids must be a list of at most {MAX_ITEMS}.")
    if took_ms is None:
        # Entries of the release before carry the phase's number there, which says nothing by itself.
        phase_id, took_ms = None, 0.0
    return ServedList(
        recommendation_id=fields.uuid7(recommendation_id),
        shopper_key=fields.text("shopper_key", shopper_key, 64),
        session_id=fields.text("session_id", session_id, 32, may_be_empty=True),
        page_view_id=UUID(page_view_id),
        row=fields.text("row", row, 40),
        rung=fields.text("rung", rung, 16),
        item_ids=tuple(fields.text("item_ids", item_id, 64) for item_id in item_ids),
        served_at=fields.moment(served),
        rotation=fields.text("rotation", rotation, 40, may_be_empty=True),
        campaign_arn=fields.text("campaign_arn", campaign_arn, 256, may_be_empty=True),
        backend_recommendation_id=fields.text(
            "backend_recommendation_id", backend_recommendation_id, 64, may_be_empty=True
        ),
        phase_id=fields.phase_id(phase_id),
        variation=fields.text("variation", variation, MAX_VARIATION, may_be_empty=True),
        took_ms=fields.duration_ms("took_ms", took_ms),
        error=fields.text("error", error, 40, may_be_empty=True),
        teams=_teams(teams, len(item_ids)),
    )


def decode_impression(
    impression_id: str, recommendation_id: str, page_view_id: str, shopper_key: str, rank: int, seen: int
) -> Impression:
    return Impression(
        impression_id=fields.uuid7(impression_id),
        recommendation_id=UUID(recommendation_id),
        page_view_id=UUID(page_view_id),
        shopper_key=fields.text("shopper_key", shopper_key, 64),
        rank=fields.integer("rank", rank, 0, MAX_RANK),
        seen_at=fields.moment(seen),
    )


def encode_page(record: PageServed) -> list[Json]:
    return [
        "p",
        record.page_view_id.hex,
        record.shopper_key,
        record.session_id,
        record.page,
        record.status,
        record.took_ms,
        record.phase_id,
        record.variation,
        fields.microseconds(record.served_at),
    ]


def decode_page(
    page_view_id: str,
    shopper_key: str,
    session_id: str,
    page: str,
    status: int,
    took_ms: float,
    phase_id: int | None,
    variation: str,
    served: int,
) -> PageServed:
    return PageServed(
        page_view_id=fields.uuid7(page_view_id),
        shopper_key=fields.text("shopper_key", shopper_key, 64),
        session_id=fields.text("session_id", session_id, 32, may_be_empty=True),
        page=fields.text("page", page, 40),
        status=fields.integer("status", status, 100, 599),
        took_ms=fields.duration_ms("took_ms", took_ms),
        phase_id=fields.phase_id(phase_id),
        variation=fields.text("variation", variation, MAX_VARIATION, may_be_empty=True),
        served_at=fields.moment(served),
    )


def encode_exposed(record: Exposed) -> list[Json]:
    return [
        "x",
        record.unit,
        record.phase_id,
        record.variation,
        fields.microseconds(record.at),
        record.is_forced,
        record.is_triggered,
        dict(record.attributes),
    ]


def decode_exposed(
    unit: str,
    phase_id: int,
    variation: str,
    at: int,
    is_forced: object,
    is_triggered: object,
    attributes: dict[str, str],
) -> Exposed:
    return Exposed(
        unit=fields.text("unit", unit, 64),
        phase_id=fields.integer("phase_id", phase_id, 1, fields.MAX_PHASE_ID),
        variation=fields.text("variation", variation, MAX_VARIATION),
        at=fields.moment(at),
        is_forced=fields.flag("is_forced", is_forced),
        is_triggered=fields.flag("is_triggered", is_triggered),
        attributes=fields.attributes(attributes),
    )


def encode_joined(record: Joined) -> list[Json]:
    return ["j", record.shopper_key, record.heir_key, fields.microseconds(record.at)]


def decode_joined(shopper_key: str, heir_key: str, at: int) -> Joined:
    if shopper_key == heir_key:
        raise fields.MalformedRecord("malformed", "heir_key must be another key than shopper_key.")
    return Joined(
        shopper_key=fields.text("shopper_key", shopper_key, 64),
        heir_key=fields.text("heir_key", heir_key, 64),
        at=fields.moment(at),
    )


def encode_changed(record: ItemChanged) -> list[Json]:
    return ["c", record.number, record.item_id, fields.microseconds(record.received_at)]


def decode_changed(number: int, item_id: str, received: int) -> ItemChanged:
    return ItemChanged(
        number=fields.integer("number", number, 1, MAX_NUMBER),
        item_id=fields.text("item_id", item_id, 64),
        received_at=fields.moment(received),
    )


def _teams(teams: str, n_items: int) -> str:
    if teams and not (len(teams) == n_items and set(teams) <= TEAMS):
        raise fields.MalformedRecord("malformed", f"teams == {teams!r}, must be empty or hold A, B or - for each item.")
    return teams
