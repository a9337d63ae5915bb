from __future__ import annotations

import numpy as np

from recommendations.engine.arrays.ragged import gather, top_entries_per_row

STARTS = np.array([0, 2, 2, 5])


def test_gather_returns_the_positions_of_rows_in_their_order() -> None:
    positions, lengths = gather(STARTS, np.array([2, 1, 0, 2]))

    assert positions.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert lengths.tolist() == [3, 0, 2, 3]


def test_gather_of_no_rows_is_empty() -> None:
    positions, lengths = gather(STARTS, np.array([], np.intp))

    assert (len(positions), len(lengths)) == (0, 0)


def test_top_entries_per_row_keeps_the_greatest_first_and_ties_in_order() -> None:
    values = np.array([1.0, 2.0, 3.0, 5.0, 3.0], np.float32)

    kept, starts = top_entries_per_row(STARTS, values, 2)

    assert kept.tolist() == [1, 0, 3, 2]
    assert starts.tolist() == [0, 2, 2, 4]
