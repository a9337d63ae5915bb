from dataclasses import replace

import numpy as np
import pytest

from benchmarks.engine.scale import Cost, fit_exponent, measure
from benchmarks.engine.simulated_log import count_items, make_log


def test_make_log_is_the_same_for_a_seed_and_as_large_as_asked() -> None:
    first, again, other = make_log(5_000, 200, 1), make_log(5_000, 200, 1), make_log(5_000, 200, 2)

    assert len(first) == 5_000
    assert first.items.tobytes() == again.items.tobytes()
    assert first.timestamps.tobytes() == again.timestamps.tobytes()
    assert first.items.tobytes() != other.items.tobytes()


def test_make_log_has_what_makes_shops_learnable() -> None:
    log = make_log(20_000, 1_000, 1)

    counts = np.sort(np.bincount(log.items))[::-1]
    lengths = np.diff(log.starts)
    same_user = log.users[1:] == log.users[:-1]
    same_theme = (log.items[1:] // 50 == log.items[:-1] // 50)[same_user].mean()

    assert counts[: len(counts) // 10].sum() > 0.25 * counts.sum()
    assert lengths.max() > 4 * np.median(lengths)
    assert same_theme > 0.5
    assert 0.1 < (log.items[1:] == log.items[:-1])[same_user].mean() < 0.4


def test_catalogue_grows_with_the_root_of_the_events() -> None:
    assert [count_items(n_events) for n_events in (10, 10_000, 1_000_000)] == [100, 1_000, 10_000]


def test_measure_says_what_a_training_cost() -> None:
    cost = measure("aws-popularity-count", 3_000, seed=1)

    assert (cost.n_events, cost.weights) == (3_000, "")
    assert 0 < cost.cpu_s <= cost.wall_s + 1
    assert 0 < cost.model_mb < 1 < cost.log_mb <= cost.peak_mb


def test_fit_exponent_finds_the_power() -> None:
    cost = Cost(1_000, 1, 1, 1.0, 1.0, 1.0, 1.0, 1.0, "")

    costs = [replace(cost, n_events=1_000 * 10**size, cpu_s=0.5 * 10 ** (1.2 * size)) for size in range(3)]

    assert fit_exponent(costs) == pytest.approx(1.2)
    assert np.isnan(fit_exponent(costs[:1]))
