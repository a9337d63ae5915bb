"""The `trackers` group: forwards what each deployment's tracker has not had by import, live and dormant alike."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from recommendations.events.changes import ItemForwarder, ReadItems, read_items
from recommendations.events.consumer import LeavePending
from recommendations.events.delivering import PAUSE_S, deliver
from recommendations.events.refusals import refusals
from recommendations.events.schema import ItemChanged, Joined, Record
from recommendations.events.sights import ReadLists, SightReader, read_served_lists
from recommendations.exceptions import RecommendationsError
from recommendations.models import Deployment
from recommendations.ports import EventSink, Interaction, Item, ItemSeen

DEPLOYMENTS_LIFE_S = 1.0
REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Tracker:
    """Where one deployment takes events and items, and from which receipt on."""

    backend: str
    tracking_id: str
    watermark_at: datetime
    dataset_group_arn: str = ""


class TrackersBehind(LeavePending):
    """Some trackers did not take the batch; the others did."""

    code = "trackers_behind"


class TrackerForwarder:
    """Forwards batches; what a tracker took is remembered, so that a batch kept back for another is not sent twice."""

    def __init__(
        self,
        *,
        sink_of: Callable[[str], EventSink],
        trackers: Callable[[], list[Tracker]],
        read_lists: ReadLists,
        read_items: ReadItems,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._sink_of = sink_of
        self._read_trackers = trackers
        self._deliver = partial(deliver, pause_s=pause_s)
        self._items = ItemForwarder(read_items=read_items, pause_s=pause_s)
        self._sights = SightReader(read_lists)
        self._trackers: list[Tracker] = []
        self._read_at = -DEPLOYMENTS_LIFE_S
        self._taken: OrderedDict[tuple[str, UUID], None] = OrderedDict()
        self._lock = threading.Lock()

    def handle(self, records: Sequence[Record]) -> None:
        """Forward a batch's interactions to every tracker, then what joins keys, changed items, and what was seen.

        Raises:
            TrackersBehind: some did not answer after a few tries; the batch must come again.
        """
        interactions = [record for record in records if isinstance(record, Interaction)]
        joins = [record for record in records if isinstance(record, Joined)]
        changes = [record for record in records if isinstance(record, ItemChanged)]
        found = self._items.read(changes)
        behind = [
            tracker.tracking_id
            for tracker in self._current()
            if not (
                self._forward(tracker, interactions)
                and self._join(tracker, joins)
                and self._put(tracker, changes, found)
            )
        ]
        if behind:
            raise TrackersBehind(f"Not taken by {', '.join(sorted(behind))}.")
        self._tell_seen(self._sights.read(records))

    def _current(self) -> list[Tracker]:
        if time.monotonic() - self._read_at >= DEPLOYMENTS_LIFE_S:
            self._trackers = self._read_trackers()
            self._read_at = time.monotonic()
        return self._trackers

    def _forward(self, tracker: Tracker, interactions: Sequence[Interaction]) -> bool:
        due = [
            interaction
            for interaction in interactions
            if interaction.received_at > tracker.watermark_at
            and (tracker.tracking_id, interaction.event_id) not in self._taken
        ]
        if not due:
            return True
        sink = self._sink_of(tracker.backend)
        is_taken = self._deliver(lambda: sink.put_events(tracker.tracking_id, due), len(due))
        if is_taken:
            self._remember(tracker, due)
        return is_taken

    def _join(self, tracker: Tracker, joins: Sequence[Joined]) -> bool:
        """Have keys joined; one joined before may be joined again, so that nothing need be remembered."""
        sink = self._sink_of(tracker.backend)
        return all(
            self._deliver(
                partial(sink.join_users, tracker.tracking_id, user_id=join.shopper_key, heir_id=join.heir_key), 1
            )
            for join in joins
        )

    def _put(self, tracker: Tracker, changes: Sequence[ItemChanged], found: dict[str, Item]) -> bool:
        """Have changed items put into the tracker's group; what changed before the watermark is in the import."""
        due = [change for change in changes if change.received_at > tracker.watermark_at]
        if not (due and found and tracker.dataset_group_arn):
            return True
        return self._items.forward(self._sink_of(tracker.backend), tracker.dataset_group_arn, due, found)

    def _tell_seen(self, seen: Sequence[ItemSeen]) -> None:
        """Tell every tracker once which items were seen: they are only counted, and hold up nothing."""
        for tracker in self._trackers if seen else ():
            try:
                self._sink_of(tracker.backend).put_impressions(tracker.tracking_id, seen)
            except RecommendationsError as error:
                refusals.add("trackers", error.code, len(seen))

    def _remember(self, tracker: Tracker, taken: Sequence[Interaction]) -> None:
        with self._lock:
            for interaction in taken:
                self._taken[tracker.tracking_id, interaction.event_id] = None
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)


def read_trackers() -> list[Tracker]:
    """The trackers of all deployments that take events."""
    deployments = (
        Deployment.objects.filter(watermark_at__isnull=False).exclude(tracking_id="").select_related("rotation")
    )
    return [
        Tracker(
            deployment.rotation.backend, deployment.tracking_id, deployment.watermark_at, deployment.dataset_group_arn
        )
        for deployment in deployments
        if deployment.watermark_at is not None
    ]


def of_settings() -> TrackerForwarder:
    """The forwarder over the shop's own deployments and backends."""
    from recommendations.adapters.registry import get_backend

    return TrackerForwarder(
        sink_of=lambda name: get_backend(name).events,
        trackers=read_trackers,
        read_lists=read_served_lists,
        read_items=read_items,
    )
