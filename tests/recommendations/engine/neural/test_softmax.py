from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.neural.softmax import Loss, draw_others, sampled_softmax

N_ITEMS, N_ROWS, WIDTH = 9, 5, 4


def make() -> tuple[np.ndarray, ...]:
    chance = np.random.default_rng(2)
    wanted = chance.normal(size=(N_ROWS, WIDTH))
    vectors, biases = chance.normal(size=(N_ITEMS, WIDTH)), chance.normal(size=N_ITEMS)
    # Row 0's own target is among the sampled items, and must not count against itself.
    targets, sampled = np.array([3, 0, 8, 8, 1]), np.array([3, 4, 6])
    return wanted, vectors, biases, targets, sampled, np.array([1.0, 2.0, 0.5, 1.0, 3.0])


def lose(wanted: np.ndarray, vectors: np.ndarray, biases: np.ndarray) -> Loss:
    return sampled_softmax(wanted, vectors, biases, *make()[3:])


def test_loss_is_the_weighted_cross_entropy_among_the_target_and_the_sampled() -> None:
    wanted, vectors, biases, targets, sampled, weights = make()
    scores = wanted @ vectors.T + biases
    expected = 0.0
    for row, target in enumerate(targets.tolist()):
        others = [scores[row, item] for item in sampled.tolist() if item != target]
        total = np.exp([scores[row, target], *others]).sum()
        expected -= weights[row] / weights.sum() * np.log(np.exp(scores[row, target]) / total)

    assert lose(wanted, vectors, biases).value == pytest.approx(expected)


def test_gradients_are_those_of_finite_differences() -> None:
    wanted, vectors, biases, targets, sampled, _ = make()
    found = lose(wanted, vectors, biases)
    d_biases = np.zeros(N_ITEMS)
    np.add.at(d_biases, targets, found.d_positive)
    d_biases[sampled] += found.d_sampled.sum(axis=0)

    for array, gradient in ((wanted, found.d_wanted), (biases, d_biases)):
        for place in np.ndindex(array.shape):
            kept, values = array[place], []
            for nudge in (1e-6, -1e-6):
                array[place] = kept + nudge
                values.append(lose(wanted, vectors, biases).value)
            array[place] = kept
            assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-6, abs=1e-7)


def test_great_scores_do_not_overflow() -> None:
    wanted, vectors, biases, *_ = make()

    loss = lose((wanted * 1e3).astype(np.float32), vectors.astype(np.float32), biases.astype(np.float32))

    assert np.isfinite(loss.value)
    assert np.isfinite(loss.d_wanted).all()


@pytest.mark.parametrize(("n_items", "n_sampled", "at_least"), [(5, 10, 5), (10, 10, 10), (1_000, 100, 85)])
def test_others_are_drawn_once_each_and_ascending(n_items: int, n_sampled: int, at_least: int) -> None:
    drawn = draw_others(n_items, n_sampled, np.random.default_rng(0))

    assert drawn.tolist() == sorted(set(drawn.tolist()))
    assert at_least <= len(drawn) <= min(n_items, n_sampled)
    assert set(drawn.tolist()) <= set(range(n_items))
