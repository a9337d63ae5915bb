from typing import Any

import pytest

from experiments.stats import Inconclusive, Preference, StatsError, sign_test


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
