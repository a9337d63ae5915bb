"""The event sink of Amazon Personalize: PutEvents in tens, each shopper's in order, and PutItems."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from recommendations import conf
from recommendations.adapters.personalize.clients import control, events
from recommendations.adapters.personalize.finding import is_deleted, listed
from recommendations.adapters.personalize.items import put_items
from recommendations.exceptions import InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.ports import Interaction, Item, ItemSeen

# Amazon Personalize developer guide, "Quotas": events of one PutEvents.
MAX_EVENTS = 10
# Shoppers whose events are on their way at once; a batch of a stream holds dozens.
N_THREADS = 8
# An event without an item: nothing is trained on it, it only carries both ids of one person.
JOIN = "join"

Visit = tuple[str, str]


class PersonalizeEventSink:
    """Implements `ports.EventSink` over boto3."""

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        """Send the interactions; where one is not taken, others may have been, and all may be sent again."""
        visits: dict[Visit, list[Interaction]] = {}
        for each in interactions:
            visits.setdefault((each.shopper_key, each.session_id), []).append(each)
        # One shopper's visits follow each other; shoppers do not wait for one another.
        shoppers: dict[str, list[tuple[Visit, list[Interaction]]]] = {}
        for visit, made in visits.items():
            shoppers.setdefault(visit[0], []).append((visit, made))
        if len(shoppers) <= 1:
            for one in shoppers.values():
                _send(tracking_id, one)
            return
        with ThreadPoolExecutor(min(N_THREADS, len(shoppers)), thread_name_prefix="put-events") as pool:
            for sent in [pool.submit(_send, tracking_id, one) for one in shoppers.values()]:
                sent.result()

    def put_items(self, dataset_group_arn: str, items: Sequence[Item]) -> None:
        """Send the items to the group's Items dataset, in one PutItems."""
        put_items(dataset_group_arn, items)

    def put_impressions(self, tracking_id: str, seen: Sequence[ItemSeen]) -> None:
        """Do nothing: Personalize learns what was seen from the lists that it gave, and from events on them."""

    def join_users(self, tracking_id: str, *, user_id: str, heir_id: str) -> None:
        """Send one event with both ids: the unknown user's history is the heir's, on Amazon from the next training."""
        event = {"eventType": JOIN, "eventId": f"{JOIN}-{user_id}"[:256], "sentAt": conf.now()}
        _put(tracking_id, (heir_id, user_id), [event])

    def forget_user(self, tracking_id: str, *, user_id: str) -> None:  # noqa: ARG002
        """Delete nothing at once: Personalize has no deletion of one user's events.

        The next retrain imports a past without the user into a new dataset group, and the one that holds these events
        is deleted with it. Until then nobody asks by the forgotten key.
        """
        for tracker in listed("list_event_trackers", "eventTrackers"):
            if is_deleted(tracker):
                continue
            described = control("describe_event_tracker", eventTrackerArn=tracker["eventTrackerArn"])
            if described["eventTracker"].get("trackingId") == tracking_id:
                return
        raise ResourceNotFound(f"tracking_id == {tracking_id!r}: there is no such event tracker.")


def _send(tracking_id: str, visits: Iterable[tuple[Visit, list[Interaction]]]) -> None:
    for visit, made in visits:
        for start in range(0, len(made), MAX_EVENTS):
            _put(tracking_id, visit, [_event(each) for each in made[start : start + MAX_EVENTS]])


def _put(tracking_id: str, visit: Visit, listed_events: Sequence[Mapping[str, Any]]) -> None:
    user_id, session_id = visit
    try:
        events(
            "put_events",
            trackingId=tracking_id,
            userId=user_id,
            sessionId=session_id or user_id,
            eventList=listed_events,
        )
    except InvalidInput as error:
        # PutEvents names no other error; who it is about stands in the message alone.
        if "tracking" not in str(error).lower():
            raise
        kind = ResourceNotReady if "PENDING" in str(error) or "IN_PROGRESS" in str(error) else ResourceNotFound
        raise kind(f"tracking_id == {tracking_id!r}: {error}") from error


def _event(interaction: Interaction) -> dict[str, Any]:
    event: dict[str, str | float | datetime] = {
        "eventId": str(interaction.event_id),
        "eventType": interaction.event_type,
        "itemId": interaction.item_id,
        "sentAt": interaction.occurred_at,
    }
    if interaction.event_value is not None:
        event["eventValue"] = interaction.event_value
    return event
