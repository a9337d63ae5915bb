import pytest

from experiments.stats import Arm, Inconclusive, Kind, Omnibus, compare_all, compare_means, compare_proportions

SPREAD = Arm.from_values([1.0, 5.0, 2.0] * 20, [2.0, 3.0, 1.0] * 20)
HIGHER = Arm.from_values([2.0, 6.0, 9.0] * 20, [2.0, 3.0, 1.0] * 20)
FLAT = Arm.from_values([2.0] * 20, [1.0] * 20)


def test_omnibus_of_two_is_the_comparison_of_two() -> None:
    means = compare_all(kind="mean", arms=[SPREAD, HIGHER])
    pair = compare_means(control=SPREAD, treatment=HIGHER)
    few, many = Arm.from_counts(n=300, successes=30), Arm.from_counts(n=200, successes=40)
    shares = compare_all(kind="proportion", arms=[few, many])
    shares_pair = compare_proportions(control=few, treatment=many)

    assert not isinstance(means, Inconclusive)
    assert not isinstance(pair, Inconclusive)
    assert not isinstance(shares, Inconclusive)
    assert not isinstance(shares_pair, Inconclusive)
    assert means.p_value == pytest.approx(pair.p_value)
    assert shares.p_value == pytest.approx(shares_pair.p_value)


def test_omnibus_of_ratios_sees_the_arm_that_differs() -> None:
    alike = compare_all(kind="ratio", arms=[SPREAD, SPREAD, SPREAD])
    differing = compare_all(kind="ratio", arms=[SPREAD, SPREAD, HIGHER])

    assert isinstance(alike, Omnibus)
    assert isinstance(differing, Omnibus)
    assert alike.p_value == pytest.approx(1.0)
    assert differing.is_significant


@pytest.mark.parametrize(
    ("kind", "arms", "code"),
    [
        ("mean", [SPREAD], "one_variation"),
        ("mean", [SPREAD, HIGHER, Arm()], "no_units"),
        ("mean", [SPREAD, FLAT], "no_variance"),
        ("mean", [SPREAD, Arm.from_values([1.0])], "too_few_units"),
        ("ratio", [SPREAD, Arm.from_values([0.0, 0.0], [0.0, 0.0])], "no_denominator"),
        ("proportion", [Arm.from_counts(n=9, successes=0)] * 3, "no_successes"),
        ("proportion", [Arm.from_counts(n=9, successes=9)] * 3, "all_successes"),
    ],
)
def test_omnibus_of_degenerate_arms_is_inconclusive(kind: Kind, arms: list[Arm], code: str) -> None:
    answer = compare_all(kind=kind, arms=arms)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code
