"""Event trackers: one a group."""

import uuid
from typing import Any

from recommendations.adapters.embedded.arns import PREFIX, make_arn
from recommendations.adapters.embedded.events import delete_tracker_state
from recommendations.models.resources import Dataset, EventTracker
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, find, find_group, in_use, state
from recommendations.server.wire.faults import ApiFault, invalid
from recommendations.server.wire.reading import Parameters

ACCOUNT_ID = PREFIX.split(":")[4]


def create_event_tracker(parameters: Parameters) -> dict[str, Any]:
    """Make the group's tracker."""
    group = find_group(parameters["datasetGroupArn"])
    if not Dataset.objects.filter(dataset_group=group, dataset_type="INTERACTIONS").exists():
        raise invalid(f"datasetGroupArn == {group.arn!r}: it has no Interactions dataset; create it first.")
    if hasattr(group, "event_tracker"):
        raise ApiFault("ResourceAlreadyExistsException", f"{group.arn} has an event tracker already.")
    row = create(
        EventTracker,
        arn=make_arn("event-tracker", uuid.uuid4().hex[:8]),
        tags=parameters.get("tags", ()),
        name=parameters["name"],
        dataset_group=group,
        tracking_id=str(uuid.uuid4()),
    )
    return {"eventTrackerArn": row.arn, "trackingId": row.tracking_id}


def describe_event_tracker(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a tracker."""
    row = find(EventTracker, parameters["eventTrackerArn"], "dataset_group")
    more = {"accountId": ACCOUNT_ID, "trackingId": row.tracking_id, "datasetGroupArn": row.dataset_group.arn}
    return {"eventTracker": {**_summary(row), **more}}


def list_event_trackers(parameters: Parameters) -> dict[str, Any]:
    """List trackers, of one group where it is named."""
    rows = EventTracker.objects.all()
    if parameters.get("datasetGroupArn"):
        rows = rows.filter(dataset_group__arn=parameters["datasetGroupArn"])
    return page("ListEventTrackers", "eventTrackers", rows, parameters, _summary)


def delete_event_tracker(parameters: Parameters) -> dict[str, Any]:
    """Delete a tracker and its live state; the events it took stay in the dataset."""
    row = find(EventTracker, parameters["eventTrackerArn"])
    if row.status in PENDING:
        raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
    delete_tracker_state(row.tracking_id)
    row.delete()
    return {}


def _summary(row: EventTracker) -> dict[str, Any]:
    return {"name": row.name, "eventTrackerArn": row.arn, **state(row)}
