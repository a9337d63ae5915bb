from typing import Any

from tests.factories.wire import refused, unique
from tests.factories.wire_groups import Group


def test_tracker_is_one_a_group_and_deleted_before_it(personalize: Any, plain: Group) -> None:
    arn, tracking_id = plain.tracker()

    described = personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert (described["trackingId"], described["datasetGroupArn"]) == (tracking_id, plain.arn)
    listed = personalize.list_event_trackers(datasetGroupArn=plain.arn)["eventTrackers"]
    assert [each["eventTrackerArn"] for each in listed] == [arn]
    with refused("ResourceAlreadyExistsException", plain.arn):
        personalize.create_event_tracker(name=unique("tracker"), datasetGroupArn=plain.arn)
    personalize.delete_event_tracker(eventTrackerArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_event_tracker(eventTrackerArn=arn)


def test_tracker_needs_interactions(personalize: Any) -> None:
    group = Group.make(personalize)

    with refused("InvalidInputException", group.arn, "Interactions"):
        personalize.create_event_tracker(name=unique("tracker"), datasetGroupArn=group.arn)

    group.delete()
