from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.attributes import ridge
from recommendations.engine.attributes.ridge import fit_ridge


@pytest.mark.parametrize("most_solved", [60, 0], ids=["outright", "step by step"])
def test_ridge_solves_the_normal_equations(monkeypatch: pytest.MonkeyPatch, most_solved: int) -> None:
    monkeypatch.setattr(ridge, "MOST_ROWS_SOLVED", most_solved)
    rng = np.random.default_rng(0)
    rows = sparse.random_array((60, 25), density=0.2, rng=rng, dtype=np.float32).tocsr()
    targets = rng.standard_normal((60, 4)).astype(np.float32)
    weights = rng.random(60).astype(np.float32)

    found = fit_ridge(rows, targets, weights, 0.5)

    dense = rows.toarray().astype(np.float64)
    squares = dense.T @ (weights[:, None] * dense) + 0.5 * np.eye(25)
    expected = np.linalg.solve(squares, dense.T @ (weights[:, None] * targets))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_ridge_learns_nothing_from_rows_of_weight_0() -> None:
    rows = sparse.csr_array(np.eye(3, dtype=np.float32))
    targets = np.ones((3, 2), np.float32)

    found = fit_ridge(rows, targets, np.array([1.0, 0.0, 1.0], np.float32), 1.0)

    np.testing.assert_allclose(found, [[0.5, 0.5], [0.0, 0.0], [0.5, 0.5]], rtol=1e-5)


def test_ridge_of_empty_rows_is_0() -> None:
    rows = sparse.csr_array(np.zeros((5, 7), np.float32))

    found = fit_ridge(rows, np.ones((5, 2), np.float32), np.ones(5, np.float32), 1.0)

    assert not found.any()


def test_ridge_without_a_row_that_counts_is_0() -> None:
    rows = sparse.csr_array(np.eye(3, dtype=np.float32))

    found = fit_ridge(rows, np.ones((3, 2), np.float32), np.zeros(3, np.float32), 1.0)

    assert found.shape == (3, 2)
    assert not found.any()
