"""Events go in tens, each shopper's in order, and mean the same when they are sent again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from recommendations.adapters.aws.clients import client
from recommendations.adapters.personalize.control import PersonalizeControlPlane
from recommendations.adapters.personalize.events import PersonalizeEventSink
from recommendations.exceptions import ResourceNotFound
from tests.factories.personalize import active
from tests.factories.retraining import make_interaction

pytestmark = pytest.mark.usefixtures("personalize_service")


@contextmanager
def watched() -> Iterator[list[dict[str, Any]]]:
    """The parameters of each request to the event service, as boto3 sends them."""
    sent: list[dict[str, Any]] = []
    events = client("personalize-events").meta.events

    def note(params: dict[str, Any], **_: Any) -> None:
        sent.append(params)

    events.register("provide-client-params.personalize-events.PutEvents", note)
    try:
        yield sent
    finally:
        events.unregister("provide-client-params.personalize-events.PutEvents", note)


@pytest.fixture
def tracking_id() -> str:
    control = PersonalizeControlPlane()
    group = active(lambda: control.ensure_dataset_group("put-events", tags={}))
    return active(lambda: control.ensure_event_tracker("put-events", dataset_group_arn=group.arn)).tracking_id


def test_events_of_a_visit_go_in_tens_and_in_order(tracking_id: str) -> None:
    views = [make_interaction("anna", f"ITEM-{number}", days_ago=1 - number / 100) for number in range(23)]

    with watched() as sent:
        PersonalizeEventSink().put_events(tracking_id, views)

    assert [len(each["eventList"]) for each in sent] == [10, 10, 3]
    assert [event["itemId"] for each in sent for event in each["eventList"]] == [view.item_id for view in views]
    assert {(each["userId"], each["sessionId"]) for each in sent} == {("anna", "s")}
    first = sent[0]["eventList"][0]
    assert first == {
        "eventId": str(views[0].event_id),
        "eventType": "product_view",
        "itemId": "ITEM-0",
        "sentAt": views[0].occurred_at,
    }


def test_events_of_different_shoppers_never_share_a_request(tracking_id: str) -> None:
    views = [make_interaction(f"shopper-{number % 7}", f"ITEM-{number}", days_ago=1) for number in range(70)]

    with watched() as sent:
        PersonalizeEventSink().put_events(tracking_id, views)

    assert sorted(each["userId"] for each in sent) == [f"shopper-{number}" for number in range(7)]
    for each in sent:
        expected = [view.item_id for view in views if view.shopper_key == each["userId"]]
        assert [event["itemId"] for event in each["eventList"]] == expected


def test_nothing_to_send_is_not_sent(tracking_id: str) -> None:
    with watched() as sent:
        PersonalizeEventSink().put_events(tracking_id, [])

    assert sent == []


def test_tracker_that_is_gone_is_named(tracking_id: str) -> None:
    sink, view = PersonalizeEventSink(), make_interaction("anna", "ITEM", days_ago=1)
    sink.put_events(tracking_id, [view])
    sink.forget_user(tracking_id, user_id="anna")

    with pytest.raises(ResourceNotFound, match="tracking_id == 'gone'"):
        sink.put_events("gone", [view])
    with pytest.raises(ResourceNotFound, match="tracking_id == 'gone'"):
        sink.join_users("gone", user_id="device", heir_id="anna")
    with pytest.raises(ResourceNotFound, match="tracking_id == 'gone'"):
        sink.forget_user("gone", user_id="anna")
