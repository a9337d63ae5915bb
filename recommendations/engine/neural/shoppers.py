"""Shoppers' states between requests: the next event of a known history costs one step and not hundreds."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.hierarchy import Layers, advance, open_session
from recommendations.engine.neural.network import Network

# About 3 kB each with a key of 200 events: 12 MB a process.
MOST_STATES = 4_096
# A page that shows a shopper's own clicks late is this many events behind at most.
FARTHEST_BACK = 8


class Steps(NamedTuple):
    """A history's events as the network takes them; all of shape (n_events,)."""

    items: NDArray[np.intp]
    types: NDArray[np.intp]
    gaps: NDArray[np.int8]
    opens: NDArray[np.bool_]

    def key(self) -> bytes:
        """Bytes that no other history has; those of its first events are the beginning of these."""
        told = np.empty((len(self.items), 2), np.int32)
        told[:, 0] = self.items
        told[:, 1] = (self.types * 256 + self.gaps) * 2 + self.opens
        return told.tobytes()


KEY_BYTES_PER_EVENT = 8
KEY_BYTES_OF_PERSON = 8


class ShopperStates:
    """The states of the histories asked for last; shared by threads, never by processes.

    Every state is exactly what the whole history comes to step by step, so that what is kept changes no answer.

    Args:
        network: fitted weights.
        most: states to keep.
    """

    def __init__(self, network: Network, most: int = MOST_STATES) -> None:
        self._network = network
        self._layers: Layers = network.layers
        self._n_hidden = len(self._layers.opening)
        self._most = most
        self._states: OrderedDict[bytes, tuple[Array, Array]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many states are kept."""
        return len(self._states)

    def after(self, steps: Steps, begun: Array | None = None) -> tuple[Array, Array]:
        """Return the session's state after a history's events, shape (n_hidden,), and the newest event's vector.

        Args:
            steps: the history; without an event the state is what the person opens a session with, the vector zeros.
            begun: the state that the person began with, shape (n_hidden,); zeros by default, and a session of zeros.
        """
        state, _, event = self.both_after(steps, begun)
        return state, event

    def both_after(self, steps: Steps, begun: Array | None = None) -> tuple[Array, Array, Array]:
        """Return the session's state and the person's, shape (n_hidden,) each, and the newest event's vector."""
        key = _digest(begun) + steps.key()
        n_events = len(steps.items)
        n_known, state, person = self._find(key, n_events, begun)
        if not n_events:
            return state, person, np.zeros(self._network.weights["items_in"].shape[1], np.float32)
        rest = slice(n_known, n_events)
        # The newest event's vector is always wanted.
        first = min(n_known, n_events - 1)
        events = self._network.embed(steps.items[first:], steps.types[first:], steps.gaps[first:])
        if n_known < n_events:
            state, person = advance(self._layers, events, steps.opens[rest], state, person)
            self._keep(key, state, person)
        return state, person, events[-1]

    def _find(self, key: bytes, n_events: int, begun: Array | None) -> tuple[int, Array, Array]:
        with self._lock:
            for n_known in range(n_events, max(0, n_events - FARTHEST_BACK - 1), -1):
                first = key[: KEY_BYTES_OF_PERSON + n_known * KEY_BYTES_PER_EVENT]
                found = self._states.get(first)
                if found is not None:
                    self._states.move_to_end(first)
                    return n_known, *found
        if begun is not None:
            return 0, open_session(self._layers, begun), begun
        zeros = np.zeros(self._n_hidden, np.float32)
        return 0, zeros, zeros

    def _keep(self, key: bytes, state: Array, person: Array) -> None:
        with self._lock:
            self._states[key] = (state, person)
            while len(self._states) > self._most:
                self._states.popitem(last=False)


def _digest(begun: Array | None) -> bytes:
    if begun is None:
        return bytes(KEY_BYTES_OF_PERSON)
    return hashlib.blake2b(begun.tobytes(), digest_size=KEY_BYTES_OF_PERSON).digest()


def find_anchor(items: NDArray[np.intp], timestamps: NDArray[np.int64], reach: int) -> int:
    """The event among the first `reach` to begin a full window at: the same one while the window moves past others.

    A window that moves on by one event would begin elsewhere each time, and no kept state would ever fit.
    """
    head = items[:reach].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    head ^= timestamps[:reach].astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    head ^= head >> np.uint64(29)
    return int(np.argmin(head * np.uint64(0xBF58476D1CE4E5B9)))
