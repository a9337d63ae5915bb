import pytest

from experiments.stats import (
    Adjustment,
    Arm,
    Inconclusive,
    RatioWithHistory,
    StatsError,
    adjust_ratio_with_covariate,
    adjust_with_covariate,
)

Y = [3.0, 5.0, 4.0, 9.0, 7.0, 8.0]
X = [1.0, 2.0, 2.0, 5.0, 3.0, 4.0]


def adjust(*arms: Arm) -> Adjustment:
    answer = adjust_with_covariate(arms=arms)
    assert isinstance(answer, Adjustment)
    return answer


def test_adjustment_is_that_of_each_unit() -> None:
    control, treatment = Arm.from_values(Y, X), Arm.from_values(Y[::-1], [x + 1 for x in X])

    adjustment = adjust(control, treatment)

    mean_x = (control + treatment).mean_x
    by_unit = Arm.from_values([y - adjustment.theta * (x - mean_x) for y, x in zip(Y, X, strict=True)])
    assert adjustment.arms[0].mean_y == pytest.approx(by_unit.mean_y)
    assert adjustment.arms[0].centred_yy == pytest.approx(by_unit.centred_yy)
    assert adjustment.arms[0].centred_xx == 0.0


def test_adjustment_leaves_the_mean_over_all_units_as_it_was() -> None:
    arms = Arm.from_values(Y, X), Arm.from_values(Y[::-1], X), Arm.from_values(X, Y)

    adjustment = adjust(*arms)

    assert sum(adjustment.arms, Arm()).mean_y == pytest.approx(sum(arms, Arm()).mean_y)


def test_covariate_that_foretells_everything_leaves_no_variance() -> None:
    adjustment = adjust(Arm.from_values(Y, Y), Arm.from_values(Y[::-1], Y[::-1]))

    assert adjustment.theta == pytest.approx(1.0)
    assert adjustment.variance_reduction == pytest.approx(1.0)
    assert [arm.variance_y for arm in adjustment.arms] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("arms", "code"),
    [
        ([], "one_variation"),
        ([Arm.from_values(Y, X)], "one_variation"),
        ([Arm.from_values(Y, X), Arm()], "no_units"),
        ([Arm.from_values([2.0, 2.0], [1.0, 2.0])] * 2, "no_variance"),
        ([Arm.from_values([2.0, 3.0], [0.0, 0.0])] * 2, "no_covariate"),
    ],
)
def test_adjustment_of_degenerate_arms_is_inconclusive(arms: list[Arm], code: str) -> None:
    answer = adjust_with_covariate(arms=arms)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code


def with_history(y: list[float], x: list[float], z: list[float]) -> RatioWithHistory:
    return RatioWithHistory(
        ratio=Arm.from_values(y, x), numerator=Arm.from_values(y, z), denominator=Arm.from_values(x, z)
    )


def test_ratio_with_history_adds_days() -> None:
    first, second = with_history(Y, X, X[::-1]), with_history(X, Y, X)

    together = with_history(Y + X, X + Y, X[::-1] + X)

    assert (first + second).ratio.mean_y == pytest.approx(together.ratio.mean_y)
    assert (first + second).denominator.centred_xy == pytest.approx(together.denominator.centred_xy)


@pytest.mark.parametrize(
    ("arms", "code"),
    [
        ([with_history(Y, X, X)], "one_variation"),
        ([with_history(Y, X, X), with_history([], [], [])], "no_units"),
        ([with_history(Y, [0.0] * 6, X), with_history(Y, [0.0] * 6, X)], "no_denominator"),
        ([with_history(Y, X, [1.0] * 6), with_history(Y, X, [1.0] * 6)], "no_covariate"),
        ([with_history(X, X, Y), with_history(X, X, Y)], "no_variance"),
    ],
)
def test_ratio_adjustment_of_degenerate_arms_is_inconclusive(arms: list[RatioWithHistory], code: str) -> None:
    answer = adjust_ratio_with_covariate(arms=arms)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code


def test_ratio_with_history_refuses_arms_of_other_units() -> None:
    with pytest.raises(StatsError, match=r"^numerator: "):
        RatioWithHistory(Arm.from_values(Y, X), Arm.from_values(Y[1:], X[1:]), Arm.from_values(X, X))
