"""The `trackers` group: forwards what each deployment's tracker has not had by import, live and dormant alike."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from recommendations.events.consumer import LeavePending
from recommendations.events.refusals import refusals
from recommendations.events.schema import Joined, Record
from recommendations.events.sights import ReadLists, SightReader, read_served_lists
from recommendations.exceptions import RecommendationsError
from recommendations.models import Deployment
from recommendations.ports import EventSink, Interaction, ItemSeen

logger = logging.getLogger(__name__)

DEPLOYMENTS_LIFE_S = 1.0
TRIES = 3
PAUSE_S = 0.2
REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Tracker:
    """Where one deployment takes events, and from which receipt on."""

    backend: str
    tracking_id: str
    watermark_at: datetime


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
        pause_s: float = PAUSE_S,
    ) -> None:
        self._sink_of = sink_of
        self._read_trackers = trackers
        self._pause_s = pause_s
        self._sights = SightReader(read_lists)
        self._trackers: list[Tracker] = []
        self._read_at = -DEPLOYMENTS_LIFE_S
        self._taken: OrderedDict[tuple[str, UUID], None] = OrderedDict()
        self._lock = threading.Lock()

    def handle(self, records: Sequence[Record]) -> None:
        """Forward a batch's interactions to every tracker, then what joins keys, then what was seen.

        Raises:
            TrackersBehind: some did not answer after a few tries; the batch must come again.
        """
        interactions = [record for record in records if isinstance(record, Interaction)]
        joins = [record for record in records if isinstance(record, Joined)]
        behind = [
            tracker.tracking_id
            for tracker in self._current()
            if not (self._forward(tracker, interactions) and self._join(tracker, joins))
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
        is_taken = self._try(lambda: sink.put_events(tracker.tracking_id, due), len(due))
        if is_taken:
            self._remember(tracker, due)
        return is_taken

    def _join(self, tracker: Tracker, joins: Sequence[Joined]) -> bool:
        """Have keys joined; one joined before may be joined again, so that nothing need be remembered."""
        sink = self._sink_of(tracker.backend)
        return all(
            self._try(partial(sink.join_users, tracker.tracking_id, user_id=join.shopper_key, heir_id=join.heir_key), 1)
            for join in joins
        )

    def _tell_seen(self, seen: Sequence[ItemSeen]) -> None:
        """Tell every tracker once which items were seen: they are only counted, and hold up nothing."""
        for tracker in self._trackers if seen else ():
            try:
                self._sink_of(tracker.backend).put_impressions(tracker.tracking_id, seen)
            except RecommendationsError as error:
                refusals.add("trackers", error.code, len(seen))

    def _try(self, send: Callable[[], None], n_records: int) -> bool:
        """Whether the tracker took them, or never will."""
        for attempt in range(TRIES):
            try:
                send()
            except RecommendationsError as error:
                if not error.retryable:
                    # A tracker that is gone or refuses these for good would hold them for ever.
                    refusals.add("trackers", error.code, n_records)
                    return True
                logger.warning("The event tracker did not take a batch.", extra={"code": error.code})
                if attempt < TRIES - 1:
                    time.sleep(self._pause_s * 2**attempt)
            else:
                return True
        return False

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
        Tracker(deployment.rotation.backend, deployment.tracking_id, deployment.watermark_at)
        for deployment in deployments
        if deployment.watermark_at is not None
    ]


def of_settings() -> TrackerForwarder:
    """The forwarder over the shop's own deployments and backends."""
    from recommendations.adapters.registry import get_backend

    return TrackerForwarder(
        sink_of=lambda name: get_backend(name).events, trackers=read_trackers, read_lists=read_served_lists
    )
