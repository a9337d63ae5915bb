"""How often each item was taken to since the training, old events counting less: one sum for each half-life asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_EVENTS = 131_072
# A model asks for one or two half-lives.
MOST_SUMS = 8
# Sums grow by this many doublings before they are brought back to a common size; a float holds a thousand.
MOST_DOUBLINGS = 200.0
# An item is one of those touched lately while it is among so many events; told anew after so many.
LATELY = 4_096
EVERY_ITEM = slice(None)
FRESH = 256


class _Sum:
    """Each item's weight as of a reference time: what comes later counts for more, so that nothing need be decayed."""

    def __init__(self, half_life_s: float, n_items: int, reference_at: int) -> None:
        self._half_life_s = half_life_s
        # In one tuple, so that a reader in another thread gets both of one moment.
        self._state = (reference_at, np.zeros(n_items))

    def add(self, items: NDArray[np.int32], weights: NDArray[np.float64], times: NDArray[np.int64]) -> None:
        reference_at, totals = self._state
        newest_at = int(times.max())
        ahead = (newest_at - reference_at) / self._half_life_s
        if ahead > MOST_DOUBLINGS:
            totals = totals * 0.5**ahead
            reference_at = newest_at
        doublings = np.maximum((times - reference_at) / self._half_life_s, -1_000.0)
        np.add.at(totals, items, weights * 2.0**doublings)
        self._state = (reference_at, totals)

    def at(self, moment: int, items: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        reference_at, totals = self._state
        doublings = (moment - reference_at) / self._half_life_s
        decayed: NDArray[np.float64] = totals[items] * 2.0 ** -min(max(doublings, -MOST_DOUBLINGS), 1_000.0)
        # What was taken back may leave a rounding error below 0.
        return np.maximum(decayed, 0.0, out=decayed)


class LiveCounts:
    """Events' weights by item. One thread writes at a time, any number read.

    The newest events are kept, so that a half-life asked for the first time finds them; what came before counts in
    those sums alone that were there.

    Args:
        n_items: the catalogue's size.
        most_events: events kept.
    """

    def __init__(self, n_items: int, most_events: int = MOST_EVENTS) -> None:
        self._n_items = n_items
        self._items = np.zeros(most_events, np.int32)
        self._weights = np.zeros(most_events)
        self._times = np.zeros(most_events, np.int64)
        self._owners = np.zeros(most_events, np.int64)
        self._n_added = 0
        self._n_lately = np.zeros(n_items, np.int32)
        # The items touched lately, and how many events there were when they were told.
        self._touched = (np.empty(0, np.intp), 0)
        self._sums: dict[float, _Sum] = {}
        self.newest_at = 0

    def __len__(self) -> int:
        """Return how many events were counted."""
        return self._n_added

    def add(self, item: int, weight: float, time: int, owner: int) -> None:
        """Count an event.

        Args:
            item: a catalogue index.
            weight: above 0.
            time: epoch seconds.
            owner: whose event.
        """
        n_kept = len(self._items)
        place, reach = self._n_added % n_kept, min(LATELY, n_kept)
        if self._n_added >= reach:
            self._n_lately[self._items[(self._n_added - reach) % n_kept]] -= 1
        self._items[place], self._weights[place], self._times[place] = item, weight, time
        self._owners[place] = owner
        self._n_lately[item] += 1
        self._n_added += 1
        if self._n_added - self._touched[1] >= FRESH:
            self._touched = (np.flatnonzero(self._n_lately > 0), self._n_added)
        self.newest_at = max(self.newest_at, time) if self._n_added > 1 else time
        row = slice(place, place + 1)
        for each in list(self._sums.values()):
            each.add(self._items[row], self._weights[row], self._times[row])

    def forget(self, owner: int) -> None:
        """Take back what one owner's kept events added; older ones are in the sums alone, which name nobody."""
        rows = np.flatnonzero(self._owners == owner)
        if not len(rows):
            return
        for each in list(self._sums.values()):
            each.add(self._items[rows], -self._weights[rows], self._times[rows])
        self._weights[rows], self._owners[rows] = 0.0, 0

    def hand_over(self, owner: int, heir: int) -> None:
        """Make another the owner of one's events."""
        self._owners[self._owners == owner] = heir

    def has(self, half_life_s: float) -> bool:
        """Whether this half-life was asked for before."""
        return half_life_s in self._sums

    def begin(self, half_life_s: float) -> None:
        """Begin a sum with the events that are kept; of nine half-lives the first asked for is dropped."""
        if not self._n_added:
            return
        kept = slice(0, min(self._n_added, len(self._items)))
        begun = _Sum(half_life_s, self._n_items, self.newest_at)
        begun.add(self._items[kept], self._weights[kept], self._times[kept])
        while len(self._sums) >= MOST_SUMS:
            self._sums.pop(next(iter(self._sums)))
        self._sums[half_life_s] = begun

    def touched(self) -> NDArray[np.intp]:
        """Return every item that is among the newest events, and maybe some that were until lately, ascending."""
        told, n_told = self._touched
        fresh = np.unique(self._items[np.arange(n_told, self._n_added) % len(self._items)]).astype(np.intp)
        places = np.searchsorted(told, fresh)
        is_told = told[np.minimum(places, len(told) - 1)] == fresh if len(told) else np.zeros(len(fresh), np.bool_)
        return np.insert(told, places[~is_told], fresh[~is_told])

    def at(self, moment: int, half_life_s: float, items: NDArray[np.intp] | slice = EVERY_ITEM) -> NDArray[np.float64]:
        """Return the sum over each item's events of weight * 0.5 ** (age / half-life), shape (n,).

        Args:
            moment: epoch seconds that ages are taken from.
            half_life_s: seconds after which an event counts half; infinite for no decay.
            items: which items; all by default.
        """
        found = self._sums.get(half_life_s)
        return found.at(moment, items) if found is not None else np.zeros(self._n_items)[items]
