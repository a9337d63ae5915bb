"""Interactions as columns: external ids at the door, dense indices inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidInteractions, UnknownId

MAX_EVENT_TYPES = 127


class Event(NamedTuple):
    """One event of a shopper's history: `timestamp` in epoch seconds."""

    # A tuple and not a dataclass: a request builds fifty of these, and tuples are built four times faster.
    item_id: str
    timestamp: int
    event_type: str


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Interactions sorted by user, then time; rows of equal time keep the order they came in.

    Attributes:
        user_ids: the external id of each user index, ascending; length n_users.
        item_ids: the external id of each item index, ascending; length n_items.
        event_types: the name of each event type index, ascending.
        users: user index of each row, int32, shape (n_rows,).
        items: item index of each row, int32, shape (n_rows,).
        timestamps: epoch seconds, int64, shape (n_rows,).
        types: event type index of each row, int8, shape (n_rows,).
        values: the event's value, NaN where there is none, float32, shape (n_rows,).
        starts: the rows of user u are starts[u]:starts[u + 1]; int64, shape (n_users + 1,).
        item_metadata: what is known of each of `item_ids`, in their order; None where nothing is.
        user_metadata: what is known of each of `user_ids`, in their order; None where nothing is.
    """

    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    event_types: tuple[str, ...]
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    timestamps: NDArray[np.int64]
    types: NDArray[np.int8]
    values: NDArray[np.float32]
    starts: NDArray[np.int64]
    item_metadata: Metadata | None = None
    user_metadata: Metadata | None = None

    @classmethod
    def from_columns(
        cls,
        user_ids: Iterable[str],
        item_ids: Iterable[str],
        timestamps: Iterable[int],
        event_types: Iterable[str],
        event_values: Iterable[float] | None = None,
    ) -> Self:
        """Build from columns of equal length, in any order.

        Args:
            user_ids: external user ids, length n_rows.
            item_ids: external item ids, length n_rows.
            timestamps: epoch seconds, length n_rows.
            event_types: at most 127 different names, length n_rows.
            event_values: numbers, NaN where an event has none; length n_rows.

        Raises:
            InvalidInteractions: columns differ in length, or there are too many event types.
        """
        user_names, users = encode(user_ids)
        item_names, items = encode(item_ids)
        type_names, types = encode(event_types)
        times = np.asarray(_sized(timestamps), np.int64)
        values = np.full(len(users), np.nan, np.float32)
        if event_values is not None:
            values = np.asarray(_sized(event_values), np.float32)
        lengths = {len(users), len(items), len(types), len(times), len(values)}
        if len(lengths) != 1:
            raise InvalidInteractions(f"The columns differ in length: {sorted(lengths)}. Give every row all columns.")
        return cls.from_indices(user_names, item_names, type_names, users, items, times, types, values)

    @classmethod
    def from_indices(
        cls,
        user_ids: Sequence[str],
        item_ids: Sequence[str],
        event_types: Sequence[str],
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        timestamps: NDArray[np.int64],
        types: NDArray[np.int32],
        values: NDArray[np.float32],
    ) -> Self:
        """Build from indices into ascending id tables; for readers that have encoded the ids already.

        Raises:
            InvalidInteractions: there are too many event types.
        """
        if len(event_types) > MAX_EVENT_TYPES:
            raise InvalidInteractions(
                f"EVENT_TYPE has {len(event_types)} different values; at most {MAX_EVENT_TYPES} are allowed. "
                "Is another column mapped to it?"
            )
        order = np.lexsort((timestamps, users))
        return cls(
            user_ids=tuple(user_ids),
            item_ids=tuple(item_ids),
            event_types=tuple(event_types),
            users=users[order],
            items=items[order],
            timestamps=timestamps[order],
            types=types[order].astype(np.int8),
            values=values[order],
            starts=_starts(users[order], len(user_ids)),
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.users)

    @property
    def n_users(self) -> int:
        """The number of users."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """The number of items."""
        return len(self.item_ids)

    def with_metadata(self, items: Metadata | None = None, users: Metadata | None = None) -> Self:
        """Return the interactions with attributes beside them, in place of those they had.

        Items that have attributes and no event join the catalogue; users without an event do not join.

        Args:
            items: of items, any of them.
            users: of users, any of them.
        """
        item_ids, index = self.item_ids, self.items
        if items is not None and not set(items.ids) <= set(item_ids):
            item_ids = tuple(sorted({*item_ids, *items.ids}))
            place = {item_id: number for number, item_id in enumerate(item_ids)}
            renumbered = np.fromiter((place[item_id] for item_id in self.item_ids), np.int32, self.n_items)
            index = renumbered[self.items] if len(self) else self.items
        return replace(
            self,
            item_ids=item_ids,
            items=index,
            item_metadata=None if items is None else items.align(item_ids),
            user_metadata=None if users is None else users.align(self.user_ids),
        )

    def take(self, keep: NDArray[np.bool_]) -> Self:
        """Return the rows where `keep`, shape (n_rows,), is true; ids left without a row are dropped.

        Items stay where there are attributes of items: those nobody touched can be recommended by them.
        """
        user_ids, users, kept_users = _compact(self.user_ids, self.users[keep])
        if self.item_metadata is None:
            item_ids, items, _ = _compact(self.item_ids, self.items[keep])
        else:
            item_ids, items = self.item_ids, self.items[keep]
        event_types, types, _ = _compact(self.event_types, self.types[keep])
        return type(self)(
            user_ids=user_ids,
            item_ids=item_ids,
            event_types=event_types,
            users=users,
            items=items,
            timestamps=self.timestamps[keep],
            types=types.astype(np.int8),
            values=self.values[keep],
            starts=_starts(users, len(user_ids)),
            item_metadata=self.item_metadata,
            user_metadata=None if self.user_metadata is None else self.user_metadata.select(kept_users),
        )

    def mask(self, keep: NDArray[np.bool_]) -> Self:
        """Return the rows where `keep`, shape (n_rows,), is true; every id keeps its index, with rows or without."""
        users = self.users[keep]
        return replace(
            self,
            users=users,
            items=self.items[keep],
            timestamps=self.timestamps[keep],
            types=self.types[keep],
            values=self.values[keep],
            starts=_starts(users, self.n_users),
        )

    def to_csr(self, weights: NDArray[np.float32] | None = None) -> sparse.csr_array[np.float32]:
        """Return the user-item matrix.

        Args:
            weights: the weight of each row, shape (n_rows,); 1 by default.

        Returns:
            A CSR array of shape (n_users, n_items); repeated pairs are summed.
        """
        data = np.ones(len(self), np.float32) if weights is None else weights
        # Copies, since summing duplicates changes a matrix's arrays in place, and these are the interactions' own.
        parts = (data.copy(), self.items.copy(), self.starts.copy())
        matrix = sparse.csr_array(parts, shape=(self.n_users, self.n_items), dtype=np.float32)
        matrix.sum_duplicates()
        return matrix

    def events(self, start: int, stop: int) -> list[Event]:
        """Return rows start:stop as events, oldest first."""
        item_ids, event_types = self.item_ids, self.event_types
        return [
            Event(item_ids[item], time, event_types[kind])
            for item, time, kind in zip(
                self.items[start:stop].tolist(),
                self.timestamps[start:stop].tolist(),
                self.types[start:stop].tolist(),
                strict=True,
            )
        ]

    def indices_of_users(self, user_ids: Iterable[str]) -> NDArray[np.int32]:
        """Return the index of each user.

        Raises:
            UnknownId: no row has one of these users.
        """
        index = {user_id: number for number, user_id in enumerate(self.user_ids)}
        try:
            return np.array([index[user_id] for user_id in user_ids], np.int32)
        except KeyError as error:
            raise UnknownId(f"USER_ID {error} is in none of the interactions.") from error

    def history(self, user_id: str) -> list[Event]:
        """Return everything one user did, oldest first.

        Raises:
            UnknownId: no row has this user.
        """
        (user,) = self.indices_of_users([user_id]).tolist()
        return self.events(int(self.starts[user]), int(self.starts[user + 1]))


def encode(ids: Iterable[str]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct ids in ascending order, and each row's index among them, shape (n_rows,)."""
    column = ids if isinstance(ids, list) else list(ids)
    names = tuple(sorted(set(column)))
    index = {name: number for number, name in enumerate(names)}
    return names, np.fromiter(map(index.__getitem__, column), np.int32, len(column))


def _sized(values: Iterable[float]) -> Sequence[float] | NDArray[np.generic]:
    return values if isinstance(values, list | tuple | np.ndarray) else list(values)


def _starts(users: NDArray[np.int32], n_users: int) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(users, minlength=n_users)))).astype(np.int64)


def _compact(
    ids: tuple[str, ...], index: NDArray[np.int32] | NDArray[np.int8]
) -> tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.intp]]:
    """Return the ids that are used, each row's index among them, and their former indices."""
    used = np.zeros(len(ids), np.bool_)
    used[index] = True
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    kept = np.flatnonzero(used)
    return tuple(ids[number] for number in kept.tolist()), renumbered[index], kept
