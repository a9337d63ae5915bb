"""Items kept beside items, row by row: a history is the decayed sum of its events' rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.scoring import Somewhere
from recommendations.engine.sums import sum_by_key

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
