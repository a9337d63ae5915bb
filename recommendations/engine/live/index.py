"""Which live session holds which item: a sorted part for many pairs and a short unsorted one for the newest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.ragged import gather
from recommendations.engine.arrays.sums import sum_by_key

MOST_PAIRS = 131_072
# So many pairs are looked through one by one at each request, which takes ten microseconds.
MOST_FRESH = 1_024

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of a session and an item it holds, in the order they came; `owners` tell whose session it is."""

    sessions: Ints
    items: Ints
    owners: NDArray[np.int64]

    @classmethod
    def empty(cls, n_pairs: int) -> _Pairs:
        return cls(np.empty(n_pairs, np.int32), np.empty(n_pairs, np.int32), np.empty(n_pairs, np.int64))

    def take(self, order: NDArray[np.intp] | NDArray[np.bool_] | slice) -> _Pairs:
        return _Pairs(self.sessions[order], self.items[order], self.owners[order])

    def followed_by(self, others: _Pairs) -> _Pairs:
        return _Pairs(
            np.concatenate((self.sessions, others.sessions)),
            np.concatenate((self.items, others.items)),
            np.concatenate((self.owners, others.owners)),
        )


class _Generation:
    """The pairs at one moment: those before are never changed any more, fresh ones are only appended."""

    def __init__(self, settled: _Pairs, most_fresh: int) -> None:
        self.settled = settled
        # Stable, so that an item's newest sessions are the last of its row.
        self.by_item = settled.take(np.argsort(settled.items, kind="stable"))
        self.by_session = settled.take(np.argsort(settled.sessions, kind="stable"))
        self.fresh = _Pairs.empty(most_fresh)
        self.n_fresh = 0

    def append(self, session: int, item: int, owner: int) -> None:
        place = self.n_fresh
        self.fresh.sessions[place], self.fresh.items[place], self.fresh.owners[place] = session, item, owner
        # Last, so that a reader in another thread sees a pair whole or not at all.
        self.n_fresh = place + 1

    def newest(self) -> _Pairs:
        return self.fresh.take(slice(0, self.n_fresh))

    def all(self) -> _Pairs:
        return self.settled.followed_by(self.newest())


class LiveIndex:
    """Sessions by item and items by session. One thread writes at a time; any number read meanwhile, without a lock.

    Args:
        most_pairs: pairs that are kept; the oldest go first.
        most_fresh: pairs that wait unsorted.
    """

    def __init__(self, most_pairs: int = MOST_PAIRS, most_fresh: int = MOST_FRESH) -> None:
        self._most_pairs = most_pairs
        self._most_fresh = most_fresh
        self._generation = _Generation(_Pairs.empty(0), most_fresh)

    def __len__(self) -> int:
        """Return how many pairs are kept."""
        generation = self._generation
        return len(generation.settled.items) + generation.n_fresh

    def add(self, session: int, item: int, owner: int) -> None:
        """Take a pair that is not there yet.

        Args:
            session: its number; later sessions have greater ones.
            item: a catalogue index.
            owner: whose session it is.
        """
        if self._generation.n_fresh == self._most_fresh:
            self._settle(self._generation.all())
        self._generation.append(session, item, owner)

    def forget(self, owner: int) -> None:
        """Drop all pairs of one owner."""
        pairs = self._generation.all()
        self._settle(pairs.take(pairs.owners != owner))

    def hand_over(self, owner: int, heir: int) -> None:
        """Make another the owner of all of one's pairs."""
        pairs = self._generation.all()
        self._settle(_Pairs(pairs.sessions, pairs.items, np.where(pairs.owners == owner, heir, pairs.owners)))

    def sharing(
        self, items: NDArray[np.intp], weights: NDArray[np.float64], *, newest: int, asking: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int64], LiveSessions]:
        """Find the sessions that hold some of the items.

        Args:
            items: different catalogue indices, shape (n,).
            weights: of each item, above 0, shape (n,).
            newest: the newest sessions of each item that are considered.
            asking: whose sessions are left out.

        Returns:
            The sessions' numbers, ascending; the sum of the weights of the items each holds; how many items it has in
            all; shape (n_sessions,) each; and the sessions, to ask for their items.
        """
        generation = self._generation
        sessions, shares = _sharing(generation, items, weights, newest, asking)
        if not len(sessions):
            return np.empty(0, np.intp), np.empty(0), np.empty(0, np.int64), LiveSessions(generation)
        first = int(sessions.min())
        places, alike = sum_by_key(sessions - first, shares, int(sessions.max()) - first + 1)
        found = LiveSessions(generation)
        numbers: NDArray[np.intp] = (places + first).astype(np.intp)
        return numbers, alike, found.lengths(numbers), found

    def _settle(self, pairs: _Pairs) -> None:
        self._generation = _Generation(pairs.take(slice(-self._most_pairs, None)), self._most_fresh)


class LiveSessions:
    """The sessions as they were when they were looked at, whatever is written meanwhile."""

    def __init__(self, generation: _Generation) -> None:
        self._settled = generation.by_session
        self._fresh = generation.newest()

    def lengths(self, sessions: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return how many items each session has; sessions ascending, shape (n,)."""
        first, last = self._spans(sessions)
        rows, _ = self._rows_of_fresh(sessions)
        lengths: NDArray[np.int64] = (last - first) + np.bincount(rows, minlength=len(sessions))
        return lengths

    def items(self, sessions: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the items of all the sessions, and which of them each belongs to, as a position in `sessions`."""
        first, last = self._spans(sessions)
        bounds = np.stack((first, last), axis=1).ravel()
        positions, lengths = gather(bounds, np.arange(0, len(bounds), 2))
        rows, places = self._rows_of_fresh(sessions)
        items = np.concatenate((self._settled.items[positions], self._fresh.items[places]))
        return items, np.concatenate((np.repeat(np.arange(len(sessions)), lengths), rows))

    def _spans(self, sessions: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        known = self._settled.sessions
        wanted = sessions.astype(np.int32)
        return np.searchsorted(known, wanted, "left"), np.searchsorted(known, wanted, "right")

    def _rows_of_fresh(self, sessions: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        return _match(self._fresh.sessions, sessions)


def _sharing(
    generation: _Generation, items: NDArray[np.intp], weights: NDArray[np.float64], newest: int, asking: int
) -> tuple[Ints, NDArray[np.float64]]:
    """Return the session of each pair of one of the items, and the item's weight."""
    settled, fresh = generation.by_item, generation.newest()
    wanted = items.astype(np.int32)
    stops = np.searchsorted(settled.items, wanted, "right").tolist()
    starts = np.searchsorted(settled.items, wanted, "left").tolist()
    spans = [slice(max(start, stop - newest), stop) for start, stop in zip(starts, stops, strict=True)]
    rows, places = _match(fresh.items, items)
    sessions = np.concatenate((*(settled.sessions[span] for span in spans), fresh.sessions[places]))
    owners = np.concatenate((*(settled.owners[span] for span in spans), fresh.owners[places]))
    shares = np.concatenate((np.repeat(weights, [span.stop - span.start for span in spans]), weights[rows]))
    others = owners != asking
    return sessions[others], shares[others]


def _match(values: Ints, wanted: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each value that is wanted, which of `wanted` it is, and its own position."""
    if not len(wanted) or not len(values):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    order = np.argsort(wanted)
    ascending = wanted[order]
    near = np.minimum(np.searchsorted(ascending, values), len(wanted) - 1)
    places = np.flatnonzero(ascending[near] == values)
    return order[near[places]], places
