from __future__ import annotations

import numpy as np

from recommendations.engine.models.pairs import count_pairs


def test_pairs_count_one_over_their_distance_and_stay_within_a_user() -> None:
    users = np.array([0, 0, 0, 1, 1], np.int32)
    items = np.array([0, 1, 2, 2, 0], np.int32)

    counts = count_pairs(users, items, 3, window=2).toarray()

    assert counts.tolist() == [[0, 1, 0.5], [0, 0, 1], [1, 0, 0]]


def test_pairs_count_the_weight_of_the_later_event() -> None:
    users = np.array([0, 0, 0], np.int32)
    items = np.array([0, 1, 2], np.int32)
    told: list[int] = []

    counts = count_pairs(users, items, 3, 5, np.array([9.0, 2.0, 3.0], np.float32), told.append).toarray()

    assert counts.tolist() == [[0, 2, 1.5], [0, 0, 3], [0, 0, 0]]
    assert told == [1, 2]
