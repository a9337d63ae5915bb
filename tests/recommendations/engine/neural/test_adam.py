from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.neural.adam import KEEP_FIRST, KEEP_SECOND, TINY, Adam, Rows
from recommendations.engine.neural.cells import Array

RATE, N_ROWS, WIDTH = 1e-2, 6, 3
# So late that the correction of the first steps is 1.
LATE = 3_000


def gradients_of(step: int) -> tuple[np.ndarray, Array]:
    """Which rows a step touches, some of them seldom, and their gradients."""
    chance = np.random.default_rng(step)
    rows = np.flatnonzero(chance.random(N_ROWS) < [1.0, 0.5, 0.2, 0.1, 0.04, 0.0])
    return rows, chance.normal(size=(len(rows), WIDTH)).astype(np.float32) * np.float32(0.1)


def test_dense_steps_follow_the_published_algorithm() -> None:
    weights: dict[str, Array] = {"w": np.array([1.0, -2.0], np.float32)}
    adam = Adam()
    first, second, expected = np.zeros(2), np.zeros(2), np.array([1.0, -2.0])

    for step in range(1, 6):
        gradient = np.array([0.1 * step, -0.3])
        adam.step(weights, {"w": gradient.astype(np.float32)}, RATE, longest=100.0)
        first = KEEP_FIRST * first + (1 - KEEP_FIRST) * gradient
        second = KEEP_SECOND * second + (1 - KEEP_SECOND) * gradient**2
        corrected = first / (1 - KEEP_FIRST**step), second / (1 - KEEP_SECOND**step)
        expected = expected - RATE * corrected[0] / (np.sqrt(corrected[1]) + TINY)

    np.testing.assert_allclose(weights["w"], expected, rtol=1e-5)


def test_rows_caught_up_with_are_where_a_step_for_all_rows_each_time_would_have_brought_them() -> None:
    sparse: dict[str, Array] = {"table": np.ones((N_ROWS, WIDTH), np.float32)}
    dense: dict[str, Array] = {"table": np.ones((N_ROWS, WIDTH), np.float32)}
    by_row, by_table = Adam(n_steps=LATE), Adam(n_steps=LATE)

    for step in range(80):
        rows, values = gradients_of(step)
        whole = np.zeros((N_ROWS, WIDTH), np.float32)
        whole[rows] = values
        by_row.catch_up(sparse, "table", rows, RATE)
        by_row.step(sparse, {"table": Rows(rows, values)}, RATE, longest=100.0)
        by_table.step(dense, {"table": whole}, RATE, longest=100.0)
    by_row.catch_up(sparse, "table", None, RATE)

    np.testing.assert_allclose(sparse["table"], dense["table"], atol=2e-4)
    assert np.abs(dense["table"][:5] - 1).min() > 0.01
    assert (sparse["table"][5] == 1).all()


def test_catching_up_twice_moves_nothing_the_second_time() -> None:
    weights: dict[str, Array] = {"biases": np.zeros(4, np.float32)}
    adam = Adam(n_steps=LATE)
    for row in (0, 1, 2):
        adam.step(weights, {"biases": Rows(np.array([row]), np.array([0.5], np.float32))}, RATE, longest=100.0)

    adam.catch_up(weights, "biases", None, RATE)
    once = weights["biases"].copy()
    adam.catch_up(weights, "biases", None, RATE)
    adam.catch_up(weights, "never stepped", None, RATE)

    np.testing.assert_array_equal(weights["biases"], once)
    assert once[0] < once[1] < once[2] < 0
    assert once[3] == 0


@pytest.mark.parametrize("longest", [0.5, 5.0])
def test_long_gradients_are_shortened_together(longest: float) -> None:
    adam = Adam()
    weights: dict[str, Array] = {"a": np.zeros(1, np.float32), "b": np.zeros((2, 1), np.float32)}

    adam.step(
        weights,
        {"a": np.array([3.0], np.float32), "b": Rows(np.array([1]), np.array([[4.0]], np.float32))},
        RATE,
        longest,
    )

    scale = min(1.0, longest / 5.0) * (1 - KEEP_FIRST)
    assert adam.first["a"][0] == pytest.approx(3.0 * scale, rel=1e-5)
    assert adam.first["b"].ravel().tolist() == pytest.approx([0.0, 4.0 * scale], rel=1e-5)
