"""Follows the live logs in one thread a process, so that every campaign knows what was just done, or put."""

import logging
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from redis.exceptions import RedisError

from recommendations.adapters.embedded import live_log
from recommendations.adapters.embedded.live_state import live_state
from recommendations.engine.base import Recommender
from recommendations.engine.live.activity import DEFAULT_GAP_S, LiveActivity
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.trending import Trending
from recommendations.engine.models.vsknn import SessionNeighbours

logger = logging.getLogger(__name__)

# A tracker that is opened while the thread waits for the others' events is heard after so long at most.
BLOCK_MS = 250
SOCKET_TIMEOUT_S = 5.0
ENTRIES_AT_ONCE = 500
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
# The models that others' events move.
LISTENING = (SessionNeighbours, Popularity, Trending)
# A batch that a tracker took may come again, soon after.
REMEMBERED = 8_192


class Looker(Protocol):
    """Whoever is told that there is news, and looks for it."""

    def look_soon(self) -> None:
        """Learn what is new, in a thread of one's own."""
        ...


Entries = Sequence[tuple[str, live_log.Entry | None]]


@dataclass(slots=True, eq=False)
class _News:
    """Somebody who looks when something was put, and up to which word of it they have looked."""

    tracking_id: str
    follower: "weakref.ref[Looker]"
    position: str = live_log.BEGINNING

    def tell(self, entries: Entries) -> None:
        """Have them look, once for all entries that are new."""
        looker = self.follower()
        if looker is None or not entries or _parsed(entries[-1][0]) <= _parsed(self.position):
            return
        self.position = entries[-1][0]
        looker.look_soon()


@dataclass(slots=True, eq=False)
class _Feed:
    """One model's live activity, and how far it has been told."""

    tracking_id: str
    follower: "weakref.ref[LiveActivity]"
    position: str = live_log.BEGINNING
    taken: "OrderedDict[bytes, None]" = field(default_factory=OrderedDict)

    def tell(self, entries: Entries) -> None:
        """Take the entries that are new to it."""
        activity = self.follower()
        if activity is None:
            return
        events = []
        for position, entry in entries:
            if _parsed(position) <= _parsed(self.position):
                continue
            self.position = position
            if isinstance(entry, live_log.Happened):
                if self._is_new(entry.event_id):
                    events.append((entry.owner, entry.event))
                continue
            activity.add_all(events)
            events = []
            if isinstance(entry, live_log.Forgotten):
                activity.forget(entry.owner)
            elif isinstance(entry, live_log.Joined):
                activity.join(entry.owner, entry.heir)
        activity.add_all(events)

    def _is_new(self, event_id: bytes) -> bool:
        if event_id in self.taken:
            return False
        self.taken[event_id] = None
        if len(self.taken) > REMEMBERED:
            self.taken.popitem(last=False)
        return True


class Follower:
    """Tells live activities what is in their trackers' logs, and others that there is news, within milliseconds.

    It holds nobody alive: one that nobody serves from any more is told nothing. While Valkey is away they stay as
    they are. The thread starts with the first that follows, and again in a forked process.
    """

    def __init__(self) -> None:
        self._feeds: list[_Feed | _News] = []
        self._begin()
        os.register_at_fork(after_in_child=self._go_on)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def _go_on(self) -> None:
        self._begin()
        if self._feeds:
            self._start()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="live-follower", daemon=True)
            self._thread.start()
        self._wake.set()

    def follow(self, tracking_id: str, activity: LiveActivity) -> None:
        """Tell the activity everything that the tracker's log holds, and what will come; asked again, nothing changes.

        Args:
            tracking_id: whose log.
            activity: over the catalogue of a model that the tracker's campaigns serve.
        """
        self._add(_Feed(tracking_id, weakref.ref(activity)))

    def follow_news(self, name: str, looker: Looker) -> None:
        """Have somebody look whenever something was put; asked again, nothing changes.

        Args:
            name: under which it is told.
            looker: who looks.
        """
        self._add(_News(name, weakref.ref(looker)))

    def _add(self, feed: _Feed | _News) -> None:
        follower = feed.follower()
        with self._lock:
            if not any(known.follower() is follower for known in self._feeds):
                self._feeds.append(feed)
            self._start()

    def catch_up(self) -> None:
        """Tell every activity all that is written by now, before returning.

        Raises:
            RedisError: Valkey does not answer.
        """
        while self._tell(block_ms=None):
            pass

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            self._wake.wait()
            try:
                self._tell(block_ms=BLOCK_MS)
                pause_s = FIRST_PAUSE_S
                self._rest()
            except (RedisError, OSError):
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                self._find_lost_logs()
            except Exception:
                logger.exception("The live activity was not told.", extra={"code": "follower_failed"})
                time.sleep(LONGEST_PAUSE_S)

    def _rest(self) -> None:
        with self._lock:
            if not self._feeds:
                self._wake.clear()

    def _tell(self, *, block_ms: int | None) -> int:
        """Read once and return how many entries there were."""
        feeds = self._living()
        if not feeds:
            return 0
        positions: dict[str, str] = {}
        for feed in feeds:
            before = positions.setdefault(feed.tracking_id, feed.position)
            positions[feed.tracking_id] = min(before, feed.position, key=_parsed)
        found = live_log.read(
            live_state(SOCKET_TIMEOUT_S, retries=0), positions, count=ENTRIES_AT_ONCE, block_ms=block_ms
        )
        with self._telling:
            for feed in feeds:
                feed.tell(found.get(feed.tracking_id, ()))
        return sum(map(len, found.values()))

    def _living(self) -> list[_Feed | _News]:
        with self._lock:
            self._feeds = [feed for feed in self._feeds if feed.follower() is not None]
            return list(self._feeds)

    def _find_lost_logs(self) -> None:
        """Begin at the beginning where a Valkey that lost its data numbers entries from an earlier moment on."""
        try:
            client = live_state(SOCKET_TIMEOUT_S, retries=0)
            for feed in self._living():
                if _parsed(live_log.newest_position(client, feed.tracking_id)) < _parsed(feed.position):
                    feed.position = live_log.BEGINNING
        except (RedisError, OSError):
            return


FOLLOWER = Follower()


def open_activity(tracking_id: str, model: Recommender) -> LiveActivity | None:
    """What everybody did since a model's training, kept up to date from here on; None where the model has no use of it.

    Args:
        tracking_id: whose log; empty where the model's campaign takes no events.
        model: a fitted model.
    """
    parts = tuple(model.parts_.values()) if isinstance(model, Blend) else (model,)
    if not tracking_id or not any(isinstance(part, LISTENING) for part in parts):
        return None
    gaps_s = [part.session_gap_s for part in parts if isinstance(part, SessionNeighbours)]
    activity = LiveActivity(model.item_ids_, model.event_weights, session_gap_s=min(gaps_s, default=DEFAULT_GAP_S))
    FOLLOWER.follow(tracking_id, activity)
    return activity


def _parsed(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence or 0)
