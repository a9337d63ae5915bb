"""Batches: pieces of users' histories, cut at random, of like length side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.hierarchy import Flags

# Seconds since the event before, up to which each bucket reaches; bucket 0 is the first event of a history.
GAP_BOUNDS_S = np.array((60, 300, 1_800, 7_200, 86_400, 604_800, 2_592_000))
N_GAPS = len(GAP_BOUNDS_S) + 2
LATEST_S = 2**38


@dataclass(frozen=True, slots=True)
class Sequences:
    """Every user's events as columns, sorted by user and time; all of shape (n_rows,).

    Attributes:
        items: item indices.
        types: event type indices.
        gaps: buckets of the time since the user's event before.
        opens: whether an event opens a session after an earlier one of the same user.
        weights: how much it counts to foretell the event.
        starts: the rows of user u are starts[u]:starts[u + 1].
    """

    items: NDArray[np.int32]
    types: NDArray[np.int8]
    gaps: NDArray[np.int8]
    opens: Flags
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]

    @classmethod
    def of(
        cls, interactions: Interactions, weights: NDArray[np.float32], session_gap_s: int, *, is_timed: bool
    ) -> Sequences:
        """The events of `interactions`; where time is only an order, every user has one session and no gaps."""
        gaps = np.zeros(len(interactions), np.int8)
        opens = np.zeros(len(interactions), np.bool_)
        if is_timed and len(interactions) > 1:
            same = interactions.users[1:] == interactions.users[:-1]
            apart = time_between(interactions.timestamps)
            gaps[1:] = np.where(same, bucket_gaps(apart), 0)
            opens[1:] = same & (apart > session_gap_s)
        return cls(interactions.items, interactions.types, gaps, opens, weights, interactions.starts)

    def take(self, keep: Flags) -> Sequences:
        """The events where `keep`, shape (n_rows,), is true; of each user the first ones, or none."""
        kept_before = np.concatenate(([0], np.cumsum(keep)))
        return Sequences(
            items=self.items[keep],
            types=self.types[keep],
            gaps=self.gaps[keep],
            opens=self.opens[keep],
            weights=self.weights[keep],
            starts=kept_before[self.starts],
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs and what follows each of them; `weights` is 0 behind a piece's end.

    Attributes:
        items, types, gaps, opens, targets, weights: each of shape (n_steps, n_rows).
        users: whose piece each is, shape (n_rows,).
        first_weights: where a piece begins a history, how much it counts to foretell its first event, else 0; shape
            (n_rows,).
    """

    items: NDArray[np.int32]
    types: NDArray[np.int8]
    gaps: NDArray[np.int8]
    opens: Flags
    targets: NDArray[np.int32]
    weights: Array
    users: NDArray[np.intp]
    first_weights: Array


def time_between(timestamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds from each event to the next, shape (..., n_events - 1); some 10,000 years at most whatever clocks say."""
    bounded = np.minimum(np.maximum(timestamps, -LATEST_S), LATEST_S)
    apart: NDArray[np.int64] = bounded[..., 1:] - bounded[..., :-1]
    return apart


def bucket_gaps(seconds: NDArray[np.int64]) -> NDArray[np.int8]:
    """The bucket of each time between two events, 1..N_GAPS - 1."""
    return (1 + GAP_BOUNDS_S.searchsorted(seconds, side="left")).astype(np.int8)


def plan_pass(
    sequences: Sequences, length: int, n_places: int, chance: np.random.Generator
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Cut all events into batches of pieces, each event foretold once from at most `length` before it in its piece.

    Args:
        sequences: what to learn from.
        length: the most events of a piece; where a user's first piece ends is drawn anew at each pass.
        n_places: about how many events a batch has, so that short sessions lie side by side in greater numbers.
        chance: decides the cuts and the order.

    Returns:
        For each batch its pieces' first and last-but-one rows; see `cut_pieces`.
    """
    firsts, stops = cut_pieces(sequences.starts, length, chance)
    # Like lengths together waste no padding; a little noise mixes the neighbours anew each time.
    lengths = stops - firsts
    order = np.argsort(lengths + chance.random(len(firsts)) * 8, kind="stable")
    number = (np.cumsum(lengths[order]) - lengths[order]) // n_places
    groups = np.split(order, np.flatnonzero(np.diff(number)) + 1) if len(order) else []
    return [(firsts[groups[place]], stops[groups[place]]) for place in chance.permutation(len(groups)).tolist()]


def cut_pieces(
    starts: NDArray[np.int64], length: int, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last-but-one row of each piece, so that first:stop are inputs and first + 1:stop + 1 targets."""
    users = np.flatnonzero(np.diff(starts) >= 2)
    first, last = starts[users], starts[users + 1] - 1
    heads = np.minimum(chance.integers(1, length + 1, len(users)), last - first)
    # Where a whole history fits into one piece there is nothing to cut.
    heads = np.where(last - first <= length, last - first, heads)
    n_pieces = 1 + -(-(last - first - heads) // length)
    which = np.repeat(np.arange(len(users)), n_pieces)
    place = np.arange(len(which)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    stops = np.minimum(first[which] + heads[which] + place * length, last[which])
    firsts = np.where(place == 0, first[which], first[which] + heads[which] + (place - 1) * length)
    return firsts, stops


def gather(sequences: Sequences, firsts: NDArray[np.int64], stops: NDArray[np.int64]) -> Batch:
    """The pieces' events side by side, each with what came next."""
    lengths = stops - firsts
    steps = np.arange(int(lengths.max()))[:, None]
    inside = steps < lengths
    rows = np.where(inside, firsts + steps, firsts)
    opens = sequences.opens[rows] & inside
    opens[0] = False
    users = np.searchsorted(sequences.starts, firsts, side="right") - 1
    return Batch(
        items=sequences.items[rows],
        types=sequences.types[rows],
        gaps=np.where(steps == 0, 0, sequences.gaps[rows]).astype(np.int8),
        opens=opens,
        targets=np.where(inside, sequences.items[np.where(inside, rows + 1, rows)], 0).astype(np.int32),
        weights=np.where(inside, sequences.weights[np.where(inside, rows + 1, rows)], 0).astype(np.float32),
        users=users,
        first_weights=np.where(sequences.starts[users] == firsts, sequences.weights[firsts], 0).astype(np.float32),
    )
