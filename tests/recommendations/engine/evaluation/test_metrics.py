from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.evaluation import metrics

# Amazon Personalize developer guide, "Evaluating a solution version with metrics": hits at ranks 2 and 5.
GUIDE_HITS = np.array([[False, True, False, False, True]])
GUIDE_RELEVANT = np.array([2])


def test_reciprocal_rank_matches_the_guides_example() -> None:
    assert metrics.reciprocal_rank(GUIDE_HITS).tolist() == [0.5]


def test_ndcg_matches_the_guides_example() -> None:
    reached = metrics.ndcg(GUIDE_HITS, GUIDE_RELEVANT, 5)

    assert reached[0] == pytest.approx(0.62405, abs=5e-6)


def test_precision_matches_the_guides_example() -> None:
    assert metrics.precision(GUIDE_HITS, 5).tolist() == [0.4]


def test_metrics_are_zero_without_a_hit_and_one_for_a_perfect_list() -> None:
    hits = np.array([[False] * 25, [True] * 25])
    n_relevant = np.array([3, 40])

    assert metrics.reciprocal_rank(hits).tolist() == [0.0, 1.0]
    assert metrics.precision(hits, 25).tolist() == [0.0, 1.0]
    np.testing.assert_allclose(metrics.ndcg(hits, n_relevant, 25), [0.0, 1.0])


def test_ndcg_ideal_puts_all_relevant_items_on_top() -> None:
    hits = np.array([[True, False, False, False, False]])

    reached = metrics.ndcg(hits, np.array([3]), 5)

    assert reached[0] == pytest.approx(1 / (1 + 1 / np.log2(3) + 1 / 2))


def test_coverage_counts_each_item_once() -> None:
    assert metrics.coverage([["a", "b"], ["b"], []], 4) == 0.5
    assert metrics.coverage([], 0) == 0.0


def test_bootstrap_interval_holds_the_mean_and_narrows_with_more_users() -> None:
    values = np.random.default_rng(0).random((4_000, 1))
    few = [f"u{number % 40}" for number in range(4_000)]
    many = [f"u{number}" for number in range(4_000)]

    low, high = metrics.bootstrap_interval(values, many)

    assert low[0] < values.mean() < high[0]
    # A mean of 4,000 uniform draws has a standard error of sqrt(1 / 12 / 4000).
    assert high[0] - low[0] == pytest.approx(2 * 1.96 * np.sqrt(1 / 12 / 4_000), rel=0.15)
    clustered_values = np.repeat(np.random.default_rng(0).random(40), 100)[:, None]
    low_few, high_few = metrics.bootstrap_interval(clustered_values, sorted(few))
    assert high_few[0] - low_few[0] > 3 * (high[0] - low[0])


def test_bootstrap_interval_repeats_with_its_seed() -> None:
    values = np.random.default_rng(0).random((50, 2))
    users = [f"u{number}" for number in range(50)]

    first = metrics.bootstrap_interval(values, users, 100, seed=3)
    second = metrics.bootstrap_interval(values, users, 100, seed=3)

    np.testing.assert_array_equal(first, second)
