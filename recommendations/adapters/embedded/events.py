"""The embedded backend's event sink: live events into the rings that its campaigns read."""

from collections.abc import Sequence

from recommendations.adapters.embedded import records
from recommendations.adapters.embedded.listed import delete_lists
from recommendations.adapters.embedded.rings import append_events, delete_ring, delete_rings, join_rings
from recommendations.adapters.embedded.showings import count_clicks, count_impressions, delete_showings
from recommendations.exceptions import ResourceNotFound
from recommendations.models.resources import EventTracker, Status
from recommendations.ports import Interaction, Item, ItemSeen


class EmbeddedEventSink:
    """Implements `ports.EventSink`."""

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        """Make the interactions known to the campaigns of the tracker's dataset group."""
        # Asked each time: what a deleted tracker still took, nobody would ever delete.
        _require(tracking_id)
        append_events(tracking_id, interactions)
        count_clicks(
            tracking_id,
            (
                (each.recommendation_id.bytes + each.item_id.encode(), each.item_id)
                for each in interactions
                if each.recommendation_id is not None
            ),
        )

    def put_items(self, dataset_group_arn: str, items: Sequence[Item]) -> None:
        """Keep the items as rows, and tell every serving process."""
        records.put_items(dataset_group_arn, items)

    def put_impressions(self, tracking_id: str, seen: Sequence[ItemSeen]) -> None:
        """Count the sights of young items."""
        _require(tracking_id)
        count_impressions(tracking_id, ((each.impression_id.bytes, each.item_id) for each in seen))

    def join_users(self, tracking_id: str, *, user_id: str, heir_id: str) -> None:
        """Move the user's ring into the heir's, and let the heir's history begin with the user's."""
        _require(tracking_id)
        join_rings(tracking_id, user_id, heir_id)

    def forget_user(self, tracking_id: str, *, user_id: str) -> None:
        """Delete the user's ring."""
        _require(tracking_id)
        delete_ring(tracking_id, user_id)


def delete_tracker_state(tracking_id: str) -> None:
    """Delete all that is kept of a tracker outside the database.

    Raises:
        BackendUnavailable: Valkey does not answer; what is left is deleted by a repeat, or by its time to live.
    """
    delete_rings(tracking_id)
    delete_showings(tracking_id)
    delete_lists(tracking_id)


def _require(tracking_id: str) -> None:
    trackers = EventTracker.objects.filter(tracking_id=tracking_id)
    if not trackers.exclude(dataset_group__status=Status.DELETING).exists():
        raise ResourceNotFound(f"tracking_id == {tracking_id!r}: there is no such event tracker.")
