"""PutEvents, PutItems and PutUsers: kept in the tables for the next training, and known to the next answer."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recommendations import conf
from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.embedded.imports import schema_of
from recommendations.adapters.embedded.records import put_records
from recommendations.datasets import RowCheck
from recommendations.models.resources import Dataset, EventTracker, Status, StreamedEvent
from recommendations.ports import Interaction
from recommendations.server.impressions import IDS, items_seen, list_id
from recommendations.server.properties import read_event, read_properties
from recommendations.server.rows import in_use
from recommendations.server.wire.faults import invalid, not_found
from recommendations.server.wire.reading import Parameters


def put_events(parameters: Parameters) -> dict[str, Any]:
    """Take up to ten events; ones without an item tell at most what was shown."""
    tracker = _find_tracker(parameters["trackingId"])
    session_id, user_id = parameters["sessionId"], parameters.get("userId", "")
    told = [_with_id(read_event(each, f"eventList.{n}.member")) for n, each in enumerate(parameters["eventList"], 1)]
    events = [each for each in told if each.get("itemId")]
    rows = [_row(tracker, each, user_id or session_id) for each in events]
    StreamedEvent.objects.bulk_create(rows, ignore_conflicts=True)
    sink = EMBEDDED.events
    if user_id and user_id != session_id:
        # The first event that carries both ids makes the session's history the user's.
        sink.join_users(tracker.tracking_id, user_id=session_id, heir_id=user_id)
    received_at = conf.now()
    sink.put_events(
        tracker.tracking_id,
        [_interaction(row, each, session_id, received_at) for row, each in zip(rows, events, strict=True)],
    )
    seen = items_seen(tracker.tracking_id, told)
    if seen:
        sink.put_impressions(tracker.tracking_id, seen)
    return {}


def put_items(parameters: Parameters) -> dict[str, Any]:
    """Take up to ten items; each says all that is known of it from now on."""
    _put_records("ITEMS", parameters["datasetArn"], parameters["items"], "items", "itemId", "ITEM_ID")
    return {}


def put_users(parameters: Parameters) -> dict[str, Any]:
    """Take up to ten users."""
    _put_records("USERS", parameters["datasetArn"], parameters["users"], "users", "userId", "USER_ID")
    return {}


def _find_tracker(tracking_id: str) -> EventTracker:
    row = EventTracker.objects.select_related("dataset_group").filter(tracking_id=tracking_id).first()
    if row is None:
        # PutEvents names no other error.
        raise invalid(f"trackingId == {tracking_id!r}: there is no such event tracker.")
    if row.status != Status.ACTIVE:
        raise invalid(f"trackingId == {tracking_id!r}: its event tracker is {row.status}; wait until it is ACTIVE.")
    return row


def _with_id(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return event if "eventId" in event else {**event, "eventId": uuid.uuid4().hex}


def _row(tracker: EventTracker, event: Mapping[str, Any], user_id: str) -> StreamedEvent:
    return StreamedEvent(
        dataset_group=tracker.dataset_group,
        event_id=event["eventId"],
        user_id=user_id,
        item_id=event["itemId"],
        event_type=event["eventType"],
        event_value=event.get("eventValue"),
        occurred_at=event["sentAt"],
    )


def _interaction(row: StreamedEvent, event: Mapping[str, Any], session_id: str, received_at: datetime) -> Interaction:
    return Interaction(
        event_id=uuid.uuid5(IDS, f"{row.dataset_group_id}/{row.event_id}"),
        shopper_key=row.user_id,
        session_id=session_id,
        item_id=row.item_id,
        event_type=row.event_type,
        occurred_at=row.occurred_at,
        received_at=received_at,
        event_value=event.get("eventValue"),
        recommendation_id=list_id(event),
    )


def _put_records(
    kind: str, arn: str, records: list[Mapping[str, Any]], member: str, id_member: str, id_column: str
) -> None:
    dataset = Dataset.objects.select_related("schema").filter(arn=arn).first()
    if dataset is None:
        raise not_found(arn)
    if dataset.dataset_type != kind:
        raise invalid(f"datasetArn == {arn!r}: it is no dataset of {kind.capitalize()}.")
    if dataset.status != Status.ACTIVE:
        raise in_use(f"{arn} is {dataset.status}; wait until it is ACTIVE.")
    schema = schema_of(dataset)
    check = RowCheck(schema)
    now_s = int(conf.now().timestamp())
    rows: dict[str, Mapping[str, Any]] = {}
    for place, each in enumerate(records, 1):
        where = f"{member}.{place}.member"
        values = read_properties(each.get("properties", "{}"), schema, f"{where}.properties")
        values[id_column] = each[id_member]
        if kind == "ITEMS" and "CREATION_TIMESTAMP" in check.columns and values.get("CREATION_TIMESTAMP") is None:
            values["CREATION_TIMESTAMP"] = now_s
        fault = check.fault(values)
        if fault:
            raise invalid(f"{where}: {fault}.")
        rows[each[id_member]] = values
    put_records(dataset, rows)
