"""What each user did last, beside a trained model: a campaign knows a shopper's past without a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.ragged import gather
from recommendations.engine.strings import StringTable

DEFAULT_EVENTS_PER_USER = 50


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
    """

    arrays: ClassVar[tuple[str, ...]] = ("starts", "items", "timestamps", "types")
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
    ) -> None:
        self.users = users
        self.item_ids = item_ids
        self.event_types = event_types
        self.starts = starts
        self.items = items
        self.timestamps = timestamps
        self.types = types
        self._item_ids = item_ids.to_tuple()
        self._event_types = event_types.to_tuple()

    @classmethod
    def from_interactions(cls, interactions: Interactions, events_per_user: int = DEFAULT_EVENTS_PER_USER) -> Self:
        """Keep each user's newest `events_per_user` events, of every type."""
        counts = np.diff(interactions.starts)
        kept = np.minimum(counts, events_per_user)
        first = interactions.starts[1:] - kept
        # Rows to keep are the tails of the users' rows: gather them as rows of their own.
        bounds = np.empty(2 * len(first) + 1, np.int64)
        bounds[0:-1:2], bounds[1::2], bounds[-1] = first, interactions.starts[1:], len(interactions)
        rows, _ = gather(bounds, np.arange(0, 2 * len(first), 2))
        return cls(
            users=StringTable.build(interactions.user_ids),
            item_ids=StringTable.build(interactions.item_ids),
            event_types=StringTable.build(interactions.event_types),
            starts=np.concatenate(([0], np.cumsum(kept))).astype(np.int64),
            items=interactions.items[rows],
            timestamps=interactions.timestamps[rows],
            types=interactions.types[rows],
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
