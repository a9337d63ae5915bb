from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from experiments.stats import (
    Arm,
    Inconclusive,
    Kind,
    Omnibus,
    Preference,
    StatsError,
    benjamini_hochberg,
    compare_all,
    compare_means,
    compare_proportions,
    holm,
    sign_test,
)

P_VALUES = st.lists(st.floats(0, 1), max_size=20)
SPREAD = Arm.from_values([1.0, 5.0, 2.0] * 20, [2.0, 3.0, 1.0] * 20)
HIGHER = Arm.from_values([2.0, 6.0, 9.0] * 20, [2.0, 3.0, 1.0] * 20)
FLAT = Arm.from_values([2.0] * 20, [1.0] * 20)


@settings(deadline=None)
@drawn(P_VALUES)
def test_corrections_keep_order_and_never_lower_a_p_value(p_values: list[float]) -> None:
    certain, found = holm(p_values=p_values), benjamini_hochberg(p_values=p_values)

    for before, strict, loose in zip(p_values, certain.p_values, found.p_values, strict=True):
        assert before <= loose * (1 + 1e-12)
        assert loose <= strict * (1 + 1e-12)
        assert strict <= 1
    assert sorted(certain.p_values) == [
        certain.p_values[i] for i in sorted(range(len(p_values)), key=p_values.__getitem__)
    ]


def test_correction_of_one_question_leaves_it_alone() -> None:
    assert holm(p_values=[0.04]).p_values == (0.04,)
    assert benjamini_hochberg(p_values=[0.04]).is_rejected == (True,)
    assert holm(p_values=[]).p_values == ()


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
@pytest.mark.parametrize(
    ("given", "argument"), [({"p_values": [1.2]}, "p_values"), ({"p_values": [0.1], "alpha": 0}, "alpha")]
)
def test_corrections_refuse_misuse(correct: Any, given: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        correct(**given)


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


def test_sign_test_counts_ties_on_the_margin_alone() -> None:
    plain, tied = sign_test(wins_a=20, wins_b=40), sign_test(wins_a=20, wins_b=40, ties=60)

    assert isinstance(plain, Preference)
    assert isinstance(tied, Preference)
    assert plain.p_value == tied.p_value
    assert plain.margin == pytest.approx(1 / 6)
    assert tied.margin == pytest.approx(1 / 12)
    assert plain.is_significant


@pytest.mark.parametrize(("wins_a", "wins_b", "end"), [(0, 8, 1.0), (8, 0, 0.0)])
def test_sign_test_of_one_sided_wins_reaches_the_end(wins_a: int, wins_b: int, end: float) -> None:
    answer = sign_test(wins_a=wins_a, wins_b=wins_b)

    assert isinstance(answer, Preference)
    assert answer.p_value == pytest.approx(2 / 2**8)
    assert end in (answer.interval.low, answer.interval.high)


def test_sign_test_without_preferences_is_inconclusive() -> None:
    answer = sign_test(wins_a=0, wins_b=0, ties=10)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "no_preferences"


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"wins_a": -1, "wins_b": 1}, "wins_a"),
        ({"wins_a": 1, "wins_b": 0.5}, "wins_b"),
        ({"wins_a": 1, "wins_b": 1, "ties": -1}, "ties"),
        ({"wins_a": 1, "wins_b": 1, "alpha": 1}, "alpha"),
    ],
)
def test_sign_test_refuses_misuse(given: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        sign_test(**given)
