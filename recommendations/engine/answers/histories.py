"""What each user did last, beside a trained model: a campaign knows a shopper's past without a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.ragged import gather
from recommendations.engine.arrays.strings import StringTable
from recommendations.engine.interactions import Event, Interactions

DEFAULT_EVENTS_PER_USER = 50
# Amazon Personalize developer guide, "Quotas": a user's interactions of each type that filters consider.
EVENTS_PER_TYPE = 100


class UserHistories:
    """The newest events of every user, in arrays that can be memory-mapped; finding a user takes O(log n_users).

    Args:
        users: all users, ascending.
        item_ids: all items, ascending.
        event_types: all event types, ascending.
        starts: the events of user u are starts[u]:starts[u + 1], oldest first; int64, shape (n_users + 1,).
        items: item of each event, int32.
        timestamps: epoch seconds of each event, int64.
        types: event type of each event, int8.
        older_starts: of the events before those, which filters alone look at, as `starts`; none by default.
        older_items: item of each, int32.
        older_types: event type of each, int8.
    """

    arrays: ClassVar[tuple[str, ...]] = (
        *("starts", "items", "timestamps", "types"),
        *("older_starts", "older_items", "older_types"),
    )
    tables: ClassVar[tuple[str, ...]] = ("users", "item_ids", "event_types")

    def __init__(
        self,
        users: StringTable,
        item_ids: StringTable,
        event_types: StringTable,
        starts: NDArray[np.int64],
        items: NDArray[np.int32],
        timestamps: NDArray[np.int64],
        types: NDArray[np.int8],
        older_starts: NDArray[np.int64] | None = None,
        older_items: NDArray[np.int32] | None = None,
        older_types: NDArray[np.int8] | None = None,
    ) -> None:
        self.users = users
        self.item_ids = item_ids
        self.event_types = event_types
        self.starts = starts
        self.items = items
        self.timestamps = timestamps
        self.types = types
        self.older_starts = np.zeros(len(starts), np.int64) if older_starts is None else older_starts
        self.older_items = np.empty(0, np.int32) if older_items is None else older_items
        self.older_types = np.empty(0, np.int8) if older_types is None else older_types
        self._item_ids = item_ids.to_tuple()
        self._event_types = event_types.to_tuple()

    @classmethod
    def from_interactions(cls, interactions: Interactions, events_per_user: int = DEFAULT_EVENTS_PER_USER) -> Self:
        """Keep each user's newest `events_per_user` events, and for filters the newest hundred of every type."""
        counts = np.diff(interactions.starts)
        kept = np.minimum(counts, events_per_user)
        first = interactions.starts[1:] - kept
        # Rows to keep are the tails of the users' rows: gather them as rows of their own.
        bounds = np.empty(2 * len(first) + 1, np.int64)
        bounds[0:-1:2], bounds[1::2], bounds[-1] = first, interactions.starts[1:], len(interactions)
        rows, _ = gather(bounds, np.arange(0, 2 * len(first), 2))
        older = _older_rows(interactions, first)
        n_older = np.bincount(_users_of(interactions)[older], minlength=len(first))
        return cls(
            users=StringTable.build(interactions.user_ids),
            item_ids=StringTable.build(interactions.item_ids),
            event_types=StringTable.build(interactions.event_types),
            starts=np.concatenate(([0], np.cumsum(kept))).astype(np.int64),
            items=interactions.items[rows],
            timestamps=interactions.timestamps[rows],
            types=interactions.types[rows],
            older_starts=np.concatenate(([0], np.cumsum(n_older))).astype(np.int64),
            older_items=interactions.items[older],
            older_types=interactions.types[older],
        )

    @classmethod
    def from_parts(cls, tables: Mapping[str, StringTable], arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Put together what an artifact has kept under the names in `tables` and `arrays`."""
        return cls(**{name: tables[name] for name in cls.tables}, **{name: arrays[name] for name in cls.arrays})  # type: ignore[arg-type]

    def __len__(self) -> int:
        """Return the number of users."""
        return len(self.users)

    def of(self, user_id: str) -> list[Event]:
        """Return a user's newest events, oldest first; empty for a user never seen."""
        user = self.users.find(user_id)
        if user < 0:
            return []
        start, stop = int(self.starts[user]), int(self.starts[user + 1])
        return [
            Event(self._item_ids[item], timestamp, self._event_types[kind])
            for item, timestamp, kind in zip(
                self.items[start:stop].tolist(),
                self.timestamps[start:stop].tolist(),
                self.types[start:stop].tolist(),
                strict=True,
            )
        ]

    def older(self, user_id: str, event_types: Collection[str] | None = None) -> list[str]:
        """Return the items of a user's events before those that `of` returns, oldest first.

        Args:
            user_id: a user never seen has none.
            event_types: which types, in small letters; all by default.
        """
        user = self.users.find(user_id)
        if user < 0:
            return []
        start, stop = int(self.older_starts[user]), int(self.older_starts[user + 1])
        items = self.older_items[start:stop]
        if event_types is not None and len(items):
            wanted = [kind for kind, name in enumerate(self._event_types) if name.lower() in event_types]
            items = items[np.isin(self.older_types[start:stop], wanted)]
        return [self._item_ids[item] for item in items.tolist()]


def _users_of(interactions: Interactions) -> NDArray[np.intp]:
    return np.repeat(np.arange(len(interactions.starts) - 1), np.diff(interactions.starts))


def _older_rows(interactions: Interactions, first: NDArray[np.int64]) -> NDArray[np.intp]:
    """The rows before each user's `first` that are among the user's newest of their type, ascending."""
    rows = np.flatnonzero(np.arange(len(interactions)) < np.repeat(first, np.diff(interactions.starts)))
    if not len(rows):
        return rows
    # Those that are kept anyway count among the newest too, hence all rows of the users who have more.
    users = _users_of(interactions)
    rows = np.flatnonzero((first > interactions.starts[:-1])[users])
    group = users[rows] * np.int64(len(interactions.event_types)) + interactions.types[rows]
    order = np.argsort(group, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(group[order])), len(order) - 1)
    newer = np.repeat(ends, np.diff(ends, prepend=-1)) - np.arange(len(order))
    kept = rows[order[newer < EVENTS_PER_TYPE]]
    return np.sort(kept[kept < first[users[kept]]])
