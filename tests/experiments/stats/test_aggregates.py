import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Arm, StatsError

unhurried = settings(deadline=None)
VALUES = st.lists(st.integers(-1000, 1000), min_size=1, max_size=30)


def assert_alike(first: Arm, second: Arm, rel: float = 1e-9) -> None:
    assert dataclasses.astuple(first) == pytest.approx(dataclasses.astuple(second), rel=rel, abs=1e-6)


def sum_up(y: list[int], x: list[int]) -> Arm:
    pairs = list(zip(y, x, strict=True))
    return Arm.from_sums(
        n=len(y),
        sum_y=sum(y),
        sum_yy=sum(value * value for value in y),
        sum_x=sum(x),
        sum_xx=sum(value * value for value in x),
        sum_xy=sum(first * second for first, second in pairs),
    )


@unhurried
@given(VALUES, st.randoms(use_true_random=False))
def test_arm_is_the_same_from_sums_and_from_values(y: list[int], random: Any) -> None:
    x = [random.randint(-100, 100) for _ in y]

    assert_alike(sum_up(y, x), Arm.from_values(y, x))


@unhurried
@given(VALUES, VALUES, VALUES)
def test_arm_adds_like_one_sample_in_any_order(first: list[int], second: list[int], third: list[int]) -> None:
    a, b, c = (Arm.from_values(y, y[::-1]) for y in (first, second, third))

    together = Arm.from_values(first + second + third, first[::-1] + second[::-1] + third[::-1])

    assert a + b == b + a
    assert_alike((a + b) + c, together)
    assert_alike(a + (b + c), together)


def test_arm_without_units_adds_nothing() -> None:
    arm = Arm.from_values([1, 2, 4], [1, 1, 2])

    assert sum([arm, Arm()], Arm()) == arm
    assert Arm.from_values([]) == Arm()
    assert Arm.from_sums(n=0, sum_y=0, sum_yy=0) == Arm()


def test_arm_keeps_the_variance_of_values_far_from_zero() -> None:
    prices_cents = [10**12 + cents for cents in range(100)]

    arm = Arm.from_sums(n=100, sum_y=sum(prices_cents), sum_yy=sum(cents * cents for cents in prices_cents))

    assert arm.variance_y == pytest.approx(np.var(range(100), ddof=1), rel=1e-12)


def test_arm_takes_sums_as_a_database_gives_them() -> None:
    values = [Decimal("0.10"), Decimal("0.25"), Decimal("0.40")]

    exact = Arm.from_sums(n=3, sum_y=sum(values), sum_yy=sum(value * value for value in values))

    assert exact.mean_y == 0.25
    assert exact.centred_yy == pytest.approx(0.045, rel=1e-15)
    assert Arm.from_sums(n=3, sum_y=Fraction(3, 4), sum_yy=Fraction(93, 400)) == exact


def test_arm_calls_the_rounding_of_equal_values_no_variance() -> None:
    value = 0.1 + 0.2

    arm = Arm.from_sums(n=7, sum_y=sum([value] * 7), sum_yy=sum([value * value] * 7))

    assert arm.variance_y == 0.0
    assert Arm.from_values([value] * 7).variance_y == 0.0


def test_arm_of_counts_is_the_arm_of_its_zeros_and_ones() -> None:
    assert_alike(Arm.from_counts(n=10, successes=3), Arm.from_values([1, 1, 1, 0, 0, 0, 0, 0, 0, 0]))


def test_arm_takes_the_moments_of_regr_functions() -> None:
    y, x = np.array([3.0, 5, 10, 2]), np.array([1.0, 2, 2, 7])
    dy, dx = y - y.mean(), x - x.mean()

    arm = Arm.from_moments(
        n=4, mean_y=y.mean(), centred_yy=dy @ dy, mean_x=x.mean(), centred_xx=dx @ dx, centred_xy=dx @ dy
    )

    assert_alike(arm, Arm.from_values(y, x))
    assert (arm.variance_x, arm.covariance) == pytest.approx((np.var(x, ddof=1), np.cov(y, x)[0, 1]))


def test_arm_takes_moments_with_the_rounding_of_a_database() -> None:
    constant = Arm.from_moments(
        n=1000, mean_y=0.3, centred_yy=-1e-26, mean_x=2, centred_xx=Decimal(500), centred_xy=1e-14
    )
    alike = Arm.from_moments(n=1000, mean_y=1.0, centred_yy=1e-6, mean_x=1, centred_xx=1e-6, centred_xy=1e-6 + 5e-10)

    assert (constant.variance_y, constant.covariance) == (0.0, 0.0)
    assert constant.centred_xx == 500.0
    assert alike.centred_xy == pytest.approx(1e-6, rel=1e-9)


def test_arm_scales_and_shifts_like_its_values() -> None:
    y, x = [3.0, 5.0, 10.0], [1.0, 2.0, 2.0]
    arm = Arm.from_values(y, x)

    assert_alike(arm.scaled(-2), Arm.from_values([-2 * value for value in y], x))
    assert_alike(arm.shifted(7), Arm.from_values([value + 7 for value in y], x))
    assert Arm().shifted(7) == Arm()


def test_arm_is_frozen() -> None:
    arm = Arm.from_counts(n=10, successes=3)

    with pytest.raises(dataclasses.FrozenInstanceError):
        arm.n = 11  # type: ignore[misc]


@pytest.mark.parametrize(
    ("build", "argument"),
    [
        (lambda: Arm.from_counts(n=-1, successes=0), "n"),
        (lambda: Arm.from_counts(n=10, successes=-1), "successes"),
        (lambda: Arm.from_counts(n=10, successes=11), "successes"),
        (lambda: Arm.from_counts(n=2.5, successes=1), "n"),  # type: ignore[arg-type]
        (lambda: Arm.from_counts(n=True, successes=1), "n"),
        (lambda: Arm.from_sums(n=3, sum_y=float("nan"), sum_yy=1), "sum_y"),
        (lambda: Arm.from_sums(n=3, sum_y=1, sum_yy=float("inf")), "sum_yy"),
        (lambda: Arm.from_sums(n=0, sum_y=1, sum_yy=1), "n"),
        (lambda: Arm.from_sums(n=3, sum_y=10, sum_yy=1), "sum_yy"),
        (lambda: Arm.from_sums(n=3, sum_y=10.0, sum_yy=1.0), "sum_yy"),
        (lambda: Arm.from_sums(n=2, sum_y=2, sum_yy=4, sum_x=2, sum_xx=4, sum_xy=9), "centred_xy"),
        (lambda: Arm.from_moments(n=3, mean_y=1, centred_yy=-1), "centred_yy"),
        (lambda: Arm.from_moments(n=3, mean_y=1e200, centred_yy=1), "mean_y"),
        (lambda: Arm.from_moments(n=3, mean_y=1, centred_yy=1e305), "centred_yy"),
        (lambda: Arm.from_values([1.0, float("nan")]), "y"),
        (lambda: Arm.from_values([1.0, 2.0], [1.0]), "x"),
        (lambda: Arm.from_counts(n=3, successes=1).scaled(float("inf")), "factor"),
        (lambda: Arm.from_counts(n=3, successes=1).shifted(float("nan")), "offset"),
    ],
)
def test_arm_refuses_what_no_units_could_have(build: Any, argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: ") as refused:
        build()

    assert refused.value.argument == argument
    assert refused.value.code == "stats_error"
