"""Items kept beside items, row by row: a history is the decayed sum of its events' rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.answers.taking_out import decay_without, newest_needed
from recommendations.engine.arrays.ragged import gather
from recommendations.engine.arrays.sums import sum_by_key

# A weight below this adds nothing that shows in a list; cutting there bounds the work of a request.
SMALLEST_HISTORY_WEIGHT = 1e-3


def add_rows(
    starts: NDArray[np.int64],
    targets: NDArray[np.int32],
    strengths: NDArray[np.float32],
    items: NDArray[np.intp],
    decays: NDArray[np.float32],
) -> Somewhere:
    """Return the sum of some items' rows, each times its decay.

    Args:
        starts: the row of item i is starts[i]:starts[i + 1], shape (n_items + 1,).
        targets: the items of all rows, shape (n_entries,).
        strengths: what each entry counts, above 0, shape (n_entries,).
        items: whose rows to add, shape (n,); one may come several times.
        decays: shape (n,).
    """
    n_items = len(starts) - 1
    if not len(items):
        return Somewhere.none(n_items)
    spans = [slice(start, stop) for start, stop in zip(starts[items].tolist(), starts[items + 1].tolist(), strict=True)]
    values = np.concatenate([strengths[span] for span in spans])
    values *= np.repeat(decays, [span.stop - span.start for span in spans])
    found, sums = sum_by_key(np.concatenate([targets[span] for span in spans]), values, n_items)
    return Somewhere(found, sums.astype(np.float32), n_items)


def add_rows_without(
    starts: NDArray[np.int64],
    targets: NDArray[np.int32],
    strengths: NDArray[np.float32],
    history: NDArray[np.intp],
    taken_out: NDArray[np.intp],
    items: NDArray[np.intp],
    *,
    decay: float,
    reach: int,
) -> NDArray[np.float32]:
    """Return the decayed sum of a history's rows at some items, and what it comes to without each of some others.

    Args:
        starts, targets, strengths: see `add_rows`.
        history: oldest first, shape (n_events,).
        taken_out: items of the history, shape (n_taken_out,).
        items: whose scores to return, different ones, shape (n,).
        decay: of an event for each newer one.
        reach: the newest events that count.

    Returns:
        Shape (1 + n_taken_out, n).
    """
    newest = newest_needed(history, taken_out, reach)
    at_items = np.zeros((len(newest), len(items)), np.float32)
    if len(newest):
        positions, lengths = gather(starts, newest)
        columns = np.full(len(starts) - 1, -1, np.int32)
        columns[items] = np.arange(len(items))
        column = columns[targets[positions]]
        is_asked = column >= 0
        rows = np.repeat(np.arange(len(newest)), lengths)
        at_items[rows[is_asked], column[is_asked]] = strengths[positions[is_asked]]
    return decay_without(newest, taken_out, decay, reach) @ at_items


def reach_of(decay: float) -> int:
    """Return how many of the newest events count for at least a thousandth."""
    return 1 + int(np.log(SMALLEST_HISTORY_WEIGHT) / np.log(decay)) if decay < 1 else 200
