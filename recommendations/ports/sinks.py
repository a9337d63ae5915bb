"""Where a backend takes what happens between trainings: an event sink, as a protocol."""

from collections.abc import Sequence
from typing import Protocol

from recommendations.ports.values import Interaction, Item, ItemSeen


class EventSink(Protocol):
    """Takes what happens after a training: live events for one tracker, items for one dataset group."""

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        """Make the interactions known to the tracker's campaigns; repeating an event id changes nothing.

        Raises:
            ResourceNotFound: no tracker of this id.
            BackendThrottled, BackendUnavailable: try again.
        """
        ...

    def put_items(self, dataset_group_arn: str, items: Sequence[Item]) -> None:
        """Make items known to the group's campaigns, as they are from now on; putting them again changes nothing.

        An item that no training knew is recommended by what it is like, where the campaign's recipe has new items; of
        one that it knew, filters go by the new properties. Whether an item can be bought is the shop's to say.

        Args:
            dataset_group_arn: whose campaigns.
            items: 1 to MAX_ITEMS_A_PUT; of an item that is given twice the last counts.

        Raises:
            ResourceNotFound: no group of this ARN, or none that takes items.
            InvalidInput: too many items, or one that the schema refuses; the message names it.
            ResourceNotReady, BackendThrottled, BackendUnavailable: try again.
        """
        ...

    def put_impressions(self, tracking_id: str, seen: Sequence[ItemSeen]) -> None:
        """Tell which items were seen in lists, for campaigns that explore; repeating an impression id changes nothing.

        A backend that learns this from the events alone takes it and does nothing.

        Raises:
            ResourceNotFound: no tracker of this id.
            BackendThrottled, BackendUnavailable: it was not taken; nobody need try again, since it is only counted.
        """
        ...

    def join_users(self, tracking_id: str, *, user_id: str, heir_id: str) -> None:
        """Count what one user did as another's, from here on: both turned out to be one person.

        Live events are moved at once as far as the backend can, with what campaigns were trained on; for others the
        next training must be given both under one id. Joining again changes nothing, and forgetting the heir forgets
        what was joined.

        Args:
            tracking_id: the tracker that both users' events went to.
            user_id: who is no user any more.
            heir_id: whose all of it is.

        Raises:
            ResourceNotFound: no tracker of this id.
            BackendThrottled, BackendUnavailable: try again.
        """
        ...

    def forget_user(self, tracking_id: str, *, user_id: str) -> None:
        """Erase the user's live events of one tracker, as far as the backend keeps any; none there changes nothing.

        What a campaign was trained with stays until the next training.

        Raises:
            ResourceNotFound: no tracker of this id.
            BackendThrottled, BackendUnavailable: try again.
        """
        ...
