"""The embedded backend's event sink: live events into the rings that its campaigns read."""

import time
from collections.abc import Sequence

from recommendations.adapters.embedded.rings import append_events
from recommendations.exceptions import ResourceNotFound
from recommendations.models.resources import EventTracker, Status
from recommendations.ports import Interaction

KNOWN_FOR_S = 5.0
MAX_KNOWN = 1_000


class EmbeddedEventSink:
    """Implements `ports.EventSink`."""

    def __init__(self) -> None:
        self._known_until_s: dict[str, float] = {}

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        """Make the interactions known to the campaigns of the tracker's dataset group."""
        self._require(tracking_id)
        append_events(tracking_id, interactions)

    def _require(self, tracking_id: str) -> None:
        if time.monotonic() < self._known_until_s.get(tracking_id, 0.0):
            return
        trackers = EventTracker.objects.filter(tracking_id=tracking_id).exclude(dataset_group__status=Status.DELETING)
        if not trackers.exists():
            self._known_until_s.pop(tracking_id, None)
            raise ResourceNotFound(f"tracking_id == {tracking_id!r}: there is no such event tracker.")
        if len(self._known_until_s) >= MAX_KNOWN:
            self._known_until_s.clear()
        self._known_until_s[tracking_id] = time.monotonic() + KNOWN_FOR_S
