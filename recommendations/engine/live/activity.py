"""Live activity: what all shoppers did since a model was trained, for the models that listen to it."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Event
from recommendations.engine.live.counts import EVERY_ITEM, MOST_EVENTS, LiveCounts
from recommendations.engine.live.index import MOST_PAIRS, LiveIndex, LiveSessions

DEFAULT_GAP_S = 1_800
# Shoppers whose visit may still go on; whoever was quiet longest begins a new one at the next event.
MOST_SHOPPERS = 20_000
# A longer visit goes on as another, as a robot's does all day.
MOST_SESSION_ITEMS = 50
LATEST_S = 2**53


@dataclass(slots=True)
class _Session:
    """A shopper's visit under way: its items, each with the greatest weight of its events."""

    number: int
    newest_at: int
    weights: dict[int, float] = field(default_factory=dict)


class _Sessions:
    """The visits under way, by shopper."""

    def __init__(self, gap_s: int, most_shoppers: int) -> None:
        self._gap_s = gap_s
        self._most_shoppers = most_shoppers
        self._by_owner: OrderedDict[int, _Session] = OrderedDict()
        self._n_begun = 0

    def of(self, owner: int, time: int) -> _Session:
        """The visit that an event at this time belongs to."""
        session = self._by_owner.get(owner)
        if session is None or time - session.newest_at > self._gap_s or len(session.weights) >= MOST_SESSION_ITEMS:
            session = self._by_owner[owner] = _Session(self._n_begun, time)
            self._n_begun += 1
        session.newest_at = max(session.newest_at, time)
        self._by_owner.move_to_end(owner)
        while len(self._by_owner) > self._most_shoppers:
            self._by_owner.popitem(last=False)
        return session

    def forget(self, owner: int) -> None:
        self._by_owner.pop(owner, None)

    def hand_over(self, owner: int, heir: int) -> None:
        session = self._by_owner.pop(owner, None)
        if session is not None:
            self._by_owner.setdefault(heir, session)


class LiveActivity:
    """The newest visits of all shoppers as an inverted index, and each item's decayed counts; bounded in both.

    It holds indices into one model's catalogue, for whose requests alone it is good. Requests of several threads may
    read while one thread adds.

    Attributes:
        n_items: the catalogue's size.
        asking: whose visits are no neighbours, see `seen_by`; 0 for nobody.

    Args:
        item_ids: the model's `item_ids_`.
        event_weights: the model's: 0 leaves a type out, other weights count in popularity and trends.
        session_gap_s: seconds without an event that end a visit.
        most_pairs: pairs of visit and item that are kept.
        most_events: events kept for half-lives that nobody asked for yet.
        most_shoppers: visits that may be under way.
    """

    def __init__(
        self,
        item_ids: Sequence[str],
        event_weights: Mapping[str, float] | None = None,
        *,
        session_gap_s: int = DEFAULT_GAP_S,
        most_pairs: int = MOST_PAIRS,
        most_events: int = MOST_EVENTS,
        most_shoppers: int = MOST_SHOPPERS,
    ) -> None:
        self.n_items = len(item_ids)
        self._item_index = {item_id: number for number, item_id in enumerate(item_ids)}
        self._event_weights = dict(event_weights or {})
        self._sessions = _Sessions(session_gap_s, most_shoppers)
        self._index = LiveIndex(most_pairs)
        self._counts = LiveCounts(self.n_items, most_events)
        self._once = LiveCounts(self.n_items, most_events)
        self._lock = threading.Lock()
        self.asking = 0

    def __len__(self) -> int:
        """Return how many pairs of visit and item are kept."""
        return len(self._index)

    @property
    def n_counted(self) -> int:
        """How many events were counted since the beginning."""
        return len(self._counts)

    @property
    def newest_at(self) -> int:
        """The time of the newest event counted, in epoch seconds; 0 before the first."""
        return self._counts.newest_at

    def add(self, user: str, event: Event) -> None:
        """Take one event; items that the model does not know and types of weight 0 change nothing.

        Args:
            user: whose event.
            event: a time that is no number counts as that of the newest event; one in the future makes all others
                old, so that whoever takes events from outside must not let it through.
        """
        self.add_all([(user, event)])

    def add_all(self, events: Iterable[tuple[str, Event]]) -> None:
        """Take many events, each with its user, oldest first."""
        with self._lock:
            for user, event in events:
                item = self._item_index.get(event.item_id)
                weight = float(self._event_weights.get(event.event_type, 1.0))
                if item is not None and weight > 0:
                    self._take(_owner(user), item, weight, self._seconds(event.timestamp))

    def seen_by(self, user: str) -> LiveActivity:
        """Return the same activity as one shopper is to see it: without the shopper's own visits as neighbours."""
        view = copy.copy(self)
        view.asking = _owner(user)
        return view

    def forget(self, user: str) -> None:
        """Drop a shopper's visits, and take back what the shopper's events added to counts, as far as they are kept."""
        owner = _owner(user)
        with self._lock:
            for each in (self._sessions, self._index, self._counts, self._once):
                each.forget(owner)

    def join(self, user: str, heir: str) -> None:
        """Make one shopper's visits another's: both turned out to be the same person."""
        with self._lock:
            for each in (self._sessions, self._index, self._counts, self._once):
                each.hand_over(_owner(user), _owner(heir))

    def sharing(
        self, items: NDArray[np.intp], weights: NDArray[np.float64], *, newest: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int64], LiveSessions]:
        """Find other shoppers' visits that hold some of the items, see `LiveIndex.sharing`."""
        return self._index.sharing(items, weights, newest=newest, asking=self.asking)

    def counts(
        self,
        half_life_s: float,
        at: int | None = None,
        *,
        once_a_visit: bool = False,
        items: NDArray[np.intp] | slice = EVERY_ITEM,
    ) -> NDArray[np.float64]:
        """Return the sum over each item's events of weight * 0.5 ** (age / half-life), shape (n,).

        Args:
            half_life_s: seconds after which an event counts half; infinite for no decay.
            at: epoch seconds that ages are taken from; the newest event's by default.
            once_a_visit: whether an item counts once in a visit, by its weightiest event.
            items: which items; all by default.
        """
        counts = self._once if once_a_visit else self._counts
        if not counts.has(half_life_s):
            with self._lock:
                if not counts.has(half_life_s):
                    counts.begin(half_life_s)
        return counts.at(self.newest_at if at is None else at, half_life_s, items)

    def touched(self) -> NDArray[np.intp]:
        """Return every item that is among the newest 4,096 events, and maybe some that were until lately, ascending."""
        return self._counts.touched()

    def _take(self, owner: int, item: int, weight: float, time: int) -> None:
        self._counts.add(item, weight, time, owner)
        session = self._sessions.of(owner, time)
        counted = session.weights.get(item, 0.0)
        if not counted:
            self._index.add(session.number, item, owner)
        if weight > counted:
            self._once.add(item, weight - counted, time, owner)
            session.weights[item] = weight

    def _seconds(self, time: float) -> int:
        try:
            return max(-LATEST_S, min(LATEST_S, int(time)))
        except (TypeError, ValueError, OverflowError):
            return self._counts.newest_at


def _owner(user: str) -> int:
    # Eight bytes for a key of any length; it never leaves this process, nor outlives it.
    return hash(user) or 1
