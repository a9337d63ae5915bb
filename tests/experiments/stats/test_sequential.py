import math
from typing import Any

import pytest

from experiments.stats import Arm, Effect, Inconclusive, StatsError, always_valid, compare_means
from experiments.stats.sequential import Mixture

CONTROL = Arm.from_moments(n=2500, mean_y=10.0, centred_yy=2499 * 25.0)
TREATMENT = Arm.from_moments(n=2500, mean_y=10.6, centred_yy=2499 * 25.0)


def ask(**more: Any) -> Effect:
    given: dict[str, Any] = {"control": CONTROL, "treatment": TREATMENT, "n_planned": 5000}
    effect = always_valid(**(given | more))
    assert isinstance(effect, Effect)
    return effect


def test_always_valid_at_the_planned_size_costs_half_an_interval() -> None:
    fixed = compare_means(control=CONTROL, treatment=TREATMENT)

    found = ask()

    assert isinstance(fixed, Effect)
    assert fixed.interval.high is not None
    assert found.interval.high is not None
    ratio = (found.interval.high - found.estimate) / (fixed.interval.high - fixed.estimate)
    assert ratio == pytest.approx(1.549, abs=0.001)


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
@pytest.mark.parametrize("n_planned", [500, 5000, 100_000])
def test_always_valid_p_value_is_alpha_where_the_interval_touches_zero(alternative: Any, n_planned: int) -> None:
    mixture = Mixture.tuned(n_planned, 0.05, alternative)

    p_value = mixture.p_value(mixture.critical(5000), 5000)

    assert p_value == pytest.approx(0.05, rel=1e-12)


def test_always_valid_interval_is_tightest_at_the_planned_size() -> None:
    widths = {planned: Mixture.tuned(planned, 0.05, "two-sided").critical(5000) for planned in (1000, 5000, 25000)}

    assert min(widths, key=widths.__getitem__) == 5000


def test_always_valid_remembers_the_least_p_value() -> None:
    plain = ask()

    assert ask(previous_p=plain.p_value / 2).p_value == plain.p_value / 2
    assert ask(previous_p=1.0).p_value == plain.p_value


def test_always_valid_one_sided_looks_one_way_alone() -> None:
    better, worse = ask(alternative="greater"), ask(alternative="less")

    assert better.p_value < ask().p_value
    assert worse.p_value == 1.0
    assert better.interval.high is None
    assert worse.interval.low is None


def test_always_valid_of_a_huge_effect_neither_overflows_nor_underflows_to_nan() -> None:
    far = Arm.from_moments(n=2500, mean_y=1e9, centred_yy=2499 * 25.0)

    assert ask(treatment=far).p_value == 0.0
    assert ask(treatment=far, alternative="greater").p_value == 0.0
    assert ask(control=far, alternative="greater").p_value == 1.0
    assert math.isfinite(ask(treatment=far).estimate)


@pytest.mark.parametrize("n", [2, 99])
def test_always_valid_says_nothing_below_a_hundred_units(n: int) -> None:
    few = Arm.from_moments(n=n, mean_y=99.0, centred_yy=1.0)

    answer = always_valid(control=CONTROL, treatment=few, n_planned=5000)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "too_few_units"
    assert str(n) in answer.reason


@pytest.mark.parametrize(
    ("more", "argument"),
    [
        ({"n_planned": 0}, "n_planned"),
        ({"previous_p": 1.5}, "previous_p"),
        ({"previous_p": float("nan")}, "previous_p"),
        ({"alpha": 1.0}, "alpha"),
        ({"alpha": 0.5, "alternative": "less"}, "alpha"),
    ],
)
def test_always_valid_refuses_misuse(more: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        ask(**more)
