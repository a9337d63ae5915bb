from __future__ import annotations

import numpy as np

from recommendations.engine.answers.candidates import Candidates


def test_best_puts_the_greatest_first_and_equal_ones_in_index_order() -> None:
    candidates = Candidates(np.array([2, 5, 7, 9], np.intp), np.array([0.5, 0.9, 0.5, 0.5], np.float32))

    best = candidates.best(3)

    assert best.items.tolist() == [5, 2, 7]
    assert best.scores.tolist() == np.array([0.9, 0.5, 0.5], np.float32).tolist()


def test_best_of_fewer_than_asked_for_is_all_of_them() -> None:
    candidates = Candidates(np.array([2, 5], np.intp), np.array([0.5, 0.9], np.float32))

    assert candidates.best(10).items.tolist() == [5, 2]
    assert Candidates.none().best(10).items.tolist() == []
