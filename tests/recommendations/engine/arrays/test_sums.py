from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.arrays.sums import KEYS_PER_VALUE, distinct_keys, sum_by_key


@pytest.mark.parametrize("n_keys", [200, KEYS_PER_VALUE * 500, KEYS_PER_VALUE * 500 + 1, 10_000_000])
def test_sums_are_those_of_bincount_however_many_keys_are_possible(n_keys: int) -> None:
    chance = np.random.default_rng(n_keys)
    keys = (n_keys * chance.random(500) ** 4).astype(np.int32)
    values = chance.random(500).astype(np.float32)

    found, sums = sum_by_key(keys, values, n_keys)

    expected = np.bincount(keys, values)
    assert found.tolist() == np.unique(keys).tolist()
    assert sums.tolist() == expected[found].tolist()


def test_sums_of_nothing_and_of_one_value() -> None:
    none, no_sums = sum_by_key(np.empty(0, np.int32), np.empty(0, np.float32), 7)
    one, sums = sum_by_key(np.array([6], np.int32), np.array([0.5], np.float32), 1_000)

    assert (none.tolist(), no_sums.tolist()) == ([], [])
    assert (one.tolist(), sums.tolist()) == ([6], [0.5])


@pytest.mark.parametrize("n_keys", [1, 200, KEYS_PER_VALUE * 500, KEYS_PER_VALUE * 500 + 1])
@pytest.mark.parametrize("n", [0, 1, 500])
def test_distinct_keys_are_each_there_once_and_ascend(n_keys: int, n: int) -> None:
    keys = np.random.default_rng(n).integers(0, n_keys, n)
    before = keys.copy()

    found = distinct_keys(keys, n_keys)

    assert found.tolist() == sorted(set(before.tolist()))
    assert found.dtype == np.intp
    assert keys.tolist() == before.tolist()
