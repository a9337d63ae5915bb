"""The transformer behind user-personalization-v2: its weights, and what serving needs of it, in numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from recommendations.engine.neural.batches import N_GAPS
from recommendations.engine.neural.cells import Array

# Added to a variance before its root, as torch does.
TINY = 1e-5
WIDENING = 4
OF_EVENTS = ("items_in", "items_out", "item_bias", "types_in", "gaps_in")
OF_ALL = ("last_scale", "last_shift", "project", "project_bias")
OF_BLOCK = (
    *("attend_scale", "attend_shift", "attend", "attend_bias", "merge", "merge_bias", "distances"),
    *("widen_scale", "widen_shift", "widen", "widen_bias", "narrow", "narrow_bias"),
)


class Body(NamedTuple):
    """The sizes of a transformer.

    Attributes:
        width: of an event's vector.
        n_blocks: blocks one above the other.
        n_heads: of each block; they share the width evenly.
        reach: the newest events that are read.
    """

    width: int
    n_blocks: int
    n_heads: int
    reach: int

    def names(self) -> tuple[str, ...]:
        """The names of all weights."""
        return (*OF_EVENTS, *OF_ALL, *(f"block{block}_{part}" for block in range(self.n_blocks) for part in OF_BLOCK))


def begin(
    body: Body, items_in: Array, items_out: Array, *, n_types: int, chance: np.random.Generator
) -> dict[str, Array]:
    """Weights that score as the given item vectors do, the body silent at first.

    Args:
        body: the sizes.
        items_in, items_out: vectors of items as the past and as what comes next, shape (n_items, width).
        n_types: event types.
        chance: draws what begins at random.

    Source:
        Kang and McAuley, "Self-attentive sequential recommendation" (2018), with the norm before each part, and Raffel
        et al., "Exploring the limits of transfer learning" (2020), section 2.1, for positions as distances.
    """
    width, wide = body.width, WIDENING * body.width

    def draw(n_in: int, n_out: int) -> Array:
        bound = np.sqrt(6.0 / (n_in + n_out))
        return chance.uniform(-bound, bound, (n_in, n_out)).astype(np.float32)

    weights: dict[str, Array] = {
        "items_in": items_in.astype(np.float32),
        "items_out": items_out.astype(np.float32),
        "item_bias": np.zeros(len(items_out), np.float32),
        "types_in": np.zeros((n_types, width), np.float32),
        "gaps_in": np.zeros((N_GAPS, width), np.float32),
        "last_scale": np.ones(width, np.float32),
        "last_shift": np.zeros(width, np.float32),
        "project": (0.01 * chance.standard_normal((width, width))).astype(np.float32),
        "project_bias": np.zeros(width, np.float32),
    }
    for block in range(body.n_blocks):
        parts = {
            "attend_scale": np.ones(width, np.float32),
            "attend_shift": np.zeros(width, np.float32),
            "attend": draw(width, 3 * width),
            "attend_bias": np.zeros(3 * width, np.float32),
            "merge": draw(width, width),
            "merge_bias": np.zeros(width, np.float32),
            "distances": np.zeros((body.n_heads, body.reach), np.float32),
            "widen_scale": np.ones(width, np.float32),
            "widen_shift": np.zeros(width, np.float32),
            "widen": draw(width, wide),
            "widen_bias": np.zeros(wide, np.float32),
            "narrow": draw(wide, width),
            "narrow_bias": np.zeros(width, np.float32),
        }
        weights |= {f"block{block}_{part}": array for part, array in parts.items()}
    return weights


class Reader:
    """Reads one history at a time, with what every request needs of the weights made once.

    Args:
        weights: by name.
        body: the sizes.
    """

    def __init__(self, weights: Mapping[str, Array], body: Body) -> None:
        self._weights = weights
        self._body = body
        self._blocks = [{part: weights[f"block{block}_{part}"] for part in OF_BLOCK} for block in range(body.n_blocks)]
        self._by_distance = [_spread(block["distances"]) for block in self._blocks]

    def look_for(self, events: Array) -> Array:
        """Return what is wanted after the last event of a history, shape (width,).

        Args:
            events: the events' vectors, oldest first, at most `reach` of them; shape (n_events, width).
        """
        states = events
        for number in range(self._body.n_blocks):
            # Only the last event's state is looked at in the end, so that the last block makes no other.
            states = self._pass(number, states, 1 if number == self._body.n_blocks - 1 else len(events))
        weights = self._weights
        state = _normalise(states[-1:], weights["last_scale"], weights["last_shift"])
        wanted: Array = (state @ weights["project"] + weights["project_bias"] + events[-1:])[0]
        return wanted

    def _pass(self, number: int, states: Array, n_asked: int) -> Array:
        """Return the states of the newest `n_asked` events after a block, shape (n_asked, width)."""
        block, n_heads = self._blocks[number], self._body.n_heads
        n_events, width = states.shape
        attended = _normalise(states, block["attend_scale"], block["attend_shift"]) @ block["attend"]
        attended += block["attend_bias"]
        # Shape (3, n_heads, n_events, width of a head).
        parts = attended.reshape(n_events, 3, n_heads, width // n_heads).transpose(1, 2, 0, 3)
        asking, offering, told = parts[0][:, -n_asked:], parts[1], parts[2]
        likeness = (asking * np.float32(1.0 / np.sqrt(width // n_heads))) @ offering.transpose(0, 2, 1)
        likeness += self._by_distance[number][:, n_events - n_asked : n_events, :n_events]
        likeness -= likeness.max(axis=-1, keepdims=True)
        np.exp(likeness, out=likeness)
        likeness /= likeness.sum(axis=-1, keepdims=True)
        heard = (likeness @ told).transpose(1, 0, 2).reshape(n_asked, width)
        newest: Array = states[-n_asked:] + heard @ block["merge"] + block["merge_bias"]
        widened = _normalise(newest, block["widen_scale"], block["widen_shift"]) @ block["widen"]
        widened += block["widen_bias"]
        np.maximum(widened, 0, out=widened)
        newest += widened @ block["narrow"]
        newest += block["narrow_bias"]
        return newest


def _spread(distances: Array) -> Array:
    """What each event adds to its likeness to each other, by how far back that lies; shape (n_heads, reach, reach)."""
    place = np.arange(distances.shape[1])
    apart = place[:, None] - place
    by_distance: Array = np.array(distances[:, np.maximum(apart, 0)], np.float32)
    by_distance[:, apart < 0] = -np.inf
    return by_distance


def _normalise(states: Array, scale: Array, shift: Array) -> Array:
    centred = states - states.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    normal: Array = centred / np.sqrt(variance + np.float32(TINY)) * scale + shift
    return normal
