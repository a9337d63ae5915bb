from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.answers.ranking import top_k

SCORES = np.array([0.0, 3.0, 1.0, 2.0, 3.0, 1.0, -1.0], np.float32)


@pytest.mark.parametrize(
    ("k", "expected"),
    [(1, [1]), (2, [1, 4]), (3, [1, 4, 3]), (4, [1, 4, 3, 2]), (5, [1, 4, 3, 2, 5]), (99, [1, 4, 3, 2, 5])],
)
def test_top_k_returns_the_greatest_first_and_ties_in_order(k: int, expected: list[int]) -> None:
    assert top_k(SCORES, k).tolist() == expected


def test_top_k_keeps_to_what_is_allowed() -> None:
    allowed = np.array([True, False, True, False, True, False, True])

    assert top_k(SCORES, 5, allowed).tolist() == [4, 2]


def test_top_k_of_nothing_above_zero_is_empty() -> None:
    assert top_k(np.zeros(4, np.float32), 2).tolist() == []
    assert top_k(np.zeros(0, np.float32), 2).tolist() == []


@pytest.mark.parametrize("n_values", [3, 1_000, 10**6])
@pytest.mark.parametrize("density", [0.0, 0.001, 0.1, 1.0])
def test_top_k_of_a_large_catalogue_agrees_with_sorting_everything(n_values: int, density: float) -> None:
    rng = np.random.default_rng(n_values)
    scores = (rng.integers(1, n_values, 20_003) * (rng.random(20_003) < density)).astype(np.float32)
    allowed = rng.random(20_003) < 0.3

    expected = np.lexsort((np.arange(20_003), -scores))
    expected = expected[(scores[expected] > 0) & allowed[expected]]

    for k in (1, 25, 100, 500, 30_000):
        assert top_k(scores, k, allowed).tolist() == expected[:k].tolist()


def test_top_k_agrees_with_sorting_everything() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        scores = rng.integers(0, 20, 200).astype(np.float32)

        expected = [item for item in np.lexsort((np.arange(200), -scores)).tolist() if scores[item] > 0][:25]

        assert top_k(scores, 25).tolist() == expected
