"""The embedded backend's event sink: live events into the rings that its campaigns read."""

from collections.abc import Sequence

from recommendations.adapters.embedded.rings import append_events
from recommendations.exceptions import ResourceNotFound
from recommendations.models.resources import EventTracker, Status
from recommendations.ports import Interaction


class EmbeddedEventSink:
    """Implements `ports.EventSink`."""

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        """Make the interactions known to the campaigns of the tracker's dataset group."""
        trackers = EventTracker.objects.filter(tracking_id=tracking_id)
        # Asked each time: what a deleted tracker still took, nobody would ever delete.
        if not trackers.exclude(dataset_group__status=Status.DELETING).exists():
            raise ResourceNotFound(f"tracking_id == {tracking_id!r}: there is no such event tracker.")
        append_events(tracking_id, interactions)
