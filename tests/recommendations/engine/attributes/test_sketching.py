from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.attributes.sketching import sketch_vectors


def make_matrix(n_rows: int = 400, n_columns: int = 300, rank: int = 12) -> sparse.csr_array[np.float64]:
    """A matrix of low rank with a little noise, most of it 0."""
    rng = np.random.default_rng(0)
    lefts = rng.random((n_rows, rank)) * (rng.random((n_rows, rank)) < 0.2)
    rights = rng.random((rank, n_columns)) * (rng.random((rank, n_columns)) < 0.2)
    noise = 0.02 * rng.random((n_rows, n_columns)) * (rng.random((n_rows, n_columns)) < 0.1)
    return sparse.csr_array((lefts * np.arange(1, rank + 1)) @ rights + noise)


def test_sketch_comes_as_near_to_the_matrix_as_any_answer_of_its_rank() -> None:
    matrix = make_matrix()

    lefts, values, rights = sketch_vectors(matrix, 10, seed=0)

    exact = np.linalg.svd(matrix.toarray(), compute_uv=False)
    left_over = np.linalg.norm(matrix.toarray() - (lefts * values) @ rights)
    assert left_over <= 1.001 * np.sqrt((exact[10:] ** 2).sum())
    np.testing.assert_allclose(values, exact[:10], rtol=1e-3)
    np.testing.assert_allclose(lefts.T @ lefts, np.eye(10), atol=1e-5)


@pytest.mark.parametrize("rank", [1, 5, 8])
def test_sketch_of_a_small_matrix_is_exact(rank: int) -> None:
    matrix = make_matrix(9, 8, 4)

    lefts, values, rights = sketch_vectors(matrix, rank, seed=1)

    first, exact, second = np.linalg.svd(matrix.toarray(), full_matrices=False)
    expected = (first[:, :rank] * exact[:rank]) @ second[:rank]
    np.testing.assert_allclose((lefts * values) @ rights, expected, atol=1e-4)


def test_sketch_is_the_same_with_one_seed() -> None:
    first, again = (sketch_vectors(make_matrix(), 10, seed=3) for _ in range(2))

    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
