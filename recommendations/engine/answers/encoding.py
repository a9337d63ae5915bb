"""A shopper's history as a model sees it: catalogue indices, kinds and times of the events that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.interactions import Event

if TYPE_CHECKING:
    from recommendations.engine.live.activity import LiveActivity


class Traits(NamedTuple):
    """What is known of a user besides events, by the names of the users' metadata.

    Attributes:
        categorical: each field's values.
        numerical: each field's value; NaN where it is not known.
    """

    categorical: Mapping[str, tuple[str, ...]]
    numerical: Mapping[str, float]

    @classmethod
    def of(cls, users: Metadata | None, user_id: str) -> Self | None:
        """Return what is known of one of some users, None where there is nothing."""
        row = -1 if users is None else users.find(user_id)
        if users is None or row < 0:
            return None
        return cls(
            {name: column[row] for name, column in users.categorical.items()},
            {name: float(column[row]) for name, column in users.numerical.items()},
        )


class Encoded(NamedTuple):
    """A history's events, oldest first.

    Attributes:
        items: catalogue indices, shape (n_events,).
        event_types: the events' types, length n_events.
        timestamps: epoch seconds, shape (n_events,).
        live: what everybody did since the training, where that is known.
        traits: the user's attributes, where there are any.
    """

    items: NDArray[np.intp]
    event_types: tuple[str, ...]
    timestamps: NDArray[np.int64]
    live: LiveActivity | None = None
    traits: Traits | None = None

    @classmethod
    def of_order(cls, items: NDArray[np.intp]) -> Self:
        """A history of which only the order is known: every event at the same moment and of no type."""
        return cls(items, ("",) * len(items), np.zeros(len(items), np.int64))

    def without(self, item: int) -> Self:
        """Return the history without any event on one item."""
        kept = self.items != item
        types = tuple(name for name, keep in zip(self.event_types, kept.tolist(), strict=True) if keep)
        return self._replace(items=self.items[kept], event_types=types, timestamps=self.timestamps[kept])

    def tail(self, n_events: int) -> Self:
        """Return the newest events, at most `n_events` of them, which is at least 1."""
        if len(self.items) <= n_events:
            return self
        return self.part(len(self.items) - n_events, len(self.items))

    def part(self, start: int, stop: int) -> Self:
        """Return events start:stop, as of a list."""
        return self._replace(
            items=self.items[start:stop],
            event_types=self.event_types[start:stop],
            timestamps=self.timestamps[start:stop],
        )


def encode_history(
    history: Sequence[Event], item_index: Mapping[str, int], event_weights: Mapping[str, float] | None
) -> Encoded:
    """Return the events on known items whose type's weight is not 0.

    Args:
        history: events, oldest first. A time that is no number counts as that of the event before.
        item_index: each known item's catalogue index.
        event_weights: weight of each event type, 1 for those not named.
    """
    if event_weights:
        history = [event for event in history if event_weights.get(event.event_type, 1.0) > 0]
    known = [(item_index[event.item_id], event) for event in history if event.item_id in item_index]
    if not known:
        return Encoded(np.empty(0, np.intp), (), np.empty(0, np.int64))
    items, events = zip(*known, strict=True)
    _, times, event_types = zip(*events, strict=True)
    return Encoded(np.array(items, np.intp), event_types, _whole_seconds(times))


def _whole_seconds(times: Sequence[float]) -> NDArray[np.int64]:
    try:
        return np.array(times, np.int64)
    except (TypeError, ValueError, OverflowError):
        pass
    # Histories come from outside: one bad clock must not cost a shopper the list.
    seconds: list[int] = []
    for time in times:
        try:
            seconds.append(int(np.int64(time)))
        except (TypeError, ValueError, OverflowError):
            seconds.append(seconds[-1] if seconds else 0)
    return np.array(seconds, np.int64)
