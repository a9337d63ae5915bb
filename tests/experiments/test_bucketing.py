from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies
from scipy import stats

from experiments.bucketing import (
    ARM_SCOPE,
    BUCKETS,
    ENROL_SCOPE,
    HOLDOUT_SCOPE,
    LAYER_SCOPE,
    bucket,
    choose_variation,
    is_enrolled,
    is_held_out,
    is_in_slots,
)

SALT = "9f2c51d03e6b4a7788aa10bb42cc73dd"
EVEN = (("control", 5000), ("treatment", 5000))
N_UNITS = 200_000


@pytest.fixture(scope="module")
def units() -> list[str]:
    return [f"shopper-{number}" for number in range(N_UNITS)]


@pytest.fixture(scope="module")
def enrol_buckets(units: list[str]) -> np.ndarray:
    return np.array([bucket(SALT, ENROL_SCOPE, unit) for unit in units])


@pytest.fixture(scope="module")
def arm_buckets(units: list[str]) -> np.ndarray:
    return np.array([bucket(SALT, ARM_SCOPE, unit) for unit in units])


@pytest.mark.parametrize(
    ("salt", "scope", "unit", "expected"),
    # Computed apart: printf '%s' 'SALT|SCOPE|UNIT' | sha256sum | head -c 16, read as hex, modulo 10,000.
    [
        ("9f2c51d03e6b4a7788aa10bb42cc73dd", "enrol", "shopper-1", 4080),
        ("9f2c51d03e6b4a7788aa10bb42cc73dd", "arm", "shopper-1", 1524),
        ("00000000000000000000000000000000", "enrol", "17841", 1915),
        ("00000000000000000000000000000000", "arm", "Zoë Müller", 8747),
        ("00000000000000000000000000000000", "holdout", "", 9657),
    ],
)
def test_bucket_matches_golden_values(salt: str, scope: str, unit: str, expected: int) -> None:
    found = bucket(salt, scope, unit)

    assert found == expected


def test_bucket_is_uniform(enrol_buckets: np.ndarray, arm_buckets: np.ndarray) -> None:
    for buckets in (enrol_buckets, arm_buckets):
        counts = np.bincount(buckets // 100, minlength=100)

        assert stats.chisquare(counts).pvalue > 0.001


def test_bucket_scopes_are_independent(enrol_buckets: np.ndarray, arm_buckets: np.ndarray) -> None:
    table, _, _ = np.histogram2d(enrol_buckets, arm_buckets, bins=20, range=[[0, BUCKETS], [0, BUCKETS]])

    result = stats.chi2_contingency(table)

    assert result.pvalue > 0.001


def test_bucket_salts_are_independent(units: list[str], arm_buckets: np.ndarray) -> None:
    other = np.array([bucket("0" * 32, ARM_SCOPE, unit) for unit in units])

    table, _, _ = np.histogram2d(other, arm_buckets, bins=20, range=[[0, BUCKETS], [0, BUCKETS]])

    assert stats.chi2_contingency(table).pvalue > 0.001


def test_ramp_adds_units_and_flips_nobody(units: list[str]) -> None:
    coverages_bp = (100, 200, 500, 1500, 3000, 6000)

    seen = [
        {unit: choose_variation(SALT, unit, EVEN) for unit in units if is_enrolled(SALT, unit, coverage_bp)}
        for coverage_bp in coverages_bp
    ]

    for before, after in pairwise(seen):
        assert len(before) < len(after)
        assert all(after.get(unit) == variation for unit, variation in before.items())


def test_split_at_60_percent_is_30_30_40(units: list[str]) -> None:
    counts = Counter(
        choose_variation(SALT, unit, EVEN) if is_enrolled(SALT, unit, 6000) else "exempt" for unit in units
    )

    shares = {name: count / N_UNITS for name, count in counts.items()}

    assert shares == pytest.approx({"control": 0.3, "treatment": 0.3, "exempt": 0.4}, abs=0.003)


def test_choose_variation_keeps_unequal_weights(units: list[str]) -> None:
    weights_bp = (("control", 5000), ("a", 3000), ("b", 2000))

    counts = Counter(choose_variation(SALT, unit, weights_bp) for unit in units)

    shares = {name: count / N_UNITS for name, count in counts.items()}
    assert shares == pytest.approx({"control": 0.5, "a": 0.3, "b": 0.2}, abs=0.005)


def test_is_enrolled_takes_nobody_at_none_and_everybody_at_full(units: list[str]) -> None:
    sample = units[:1000]

    assert not any(is_enrolled(SALT, unit, 0) for unit in sample)
    assert all(is_enrolled(SALT, unit, BUCKETS) for unit in sample)


def test_choose_variation_refuses_weights_that_do_not_reach(units: list[str]) -> None:
    with pytest.raises(ValueError, match="must sum to 10000"):
        choose_variation(SALT, units[0], (("control", 0),))


SALTS = strategies.text("0123456789abcdef", min_size=32, max_size=32)
UNIT_KEYS = strategies.text(max_size=64)
SHARES_BP = strategies.integers(0, BUCKETS)


@strategies.composite
def weights(draw: strategies.DrawFn) -> tuple[tuple[str, int], ...]:
    cuts = sorted(draw(strategies.lists(SHARES_BP, min_size=1, max_size=5)))
    return tuple((f"v{place}", stop - start) for place, (start, stop) in enumerate(pairwise([0, *cuts, BUCKETS])))


@given(SALTS, strategies.sampled_from([ENROL_SCOPE, ARM_SCOPE, HOLDOUT_SCOPE, LAYER_SCOPE]), UNIT_KEYS)
def test_bucket_is_a_stable_place_in_range(salt: str, scope: str, unit: str) -> None:
    found = bucket(salt, scope, unit)

    assert 0 <= found < BUCKETS
    assert found == bucket(salt, scope, unit)


@given(SALTS, UNIT_KEYS, SHARES_BP, SHARES_BP)
def test_more_coverage_never_takes_a_unit_out(salt: str, unit: str, one_bp: int, other_bp: int) -> None:
    low_bp, high_bp = sorted((one_bp, other_bp))

    assert is_enrolled(salt, unit, low_bp) <= is_enrolled(salt, unit, high_bp)
    assert is_held_out(salt, unit, low_bp) <= is_held_out(salt, unit, high_bp)


@given(SALTS, UNIT_KEYS, weights())
def test_choose_variation_always_finds_one_with_weight(
    salt: str, unit: str, weights_bp: tuple[tuple[str, int], ...]
) -> None:
    found = choose_variation(salt, unit, weights_bp)

    assert dict(weights_bp)[found] > 0


@given(SALTS, UNIT_KEYS, strategies.lists(strategies.integers(1, BUCKETS - 1), unique=True, max_size=6))
def test_slots_that_part_a_layer_hold_each_unit_once(salt: str, unit: str, cuts: list[int]) -> None:
    slots = list(pairwise([0, *sorted(cuts), BUCKETS]))

    assert sum(is_in_slots(salt, unit, start, stop) for start, stop in slots) == 1
