from typing import Any

import pytest

from experiments.stats import (
    Arm,
    Guardrail,
    Inconclusive,
    Kind,
    NonInferiority,
    StatsError,
    check_guardrail,
    check_non_inferiority,
)


def normal(mean: float, n: int = 2000, deviation: float = 10.0) -> Arm:
    return Arm.from_moments(n=n, mean_y=mean, centred_yy=(n - 1) * deviation**2)


def watch(control: Arm, treatment: Arm, **more: Any) -> Guardrail:
    given: dict[str, Any] = {"control": control, "treatment": treatment, "n_planned": 4000}
    answer = check_guardrail(**(given | more))
    assert isinstance(answer, Guardrail)
    return answer


def show(control: Arm, treatment: Arm, **more: Any) -> NonInferiority:
    given: dict[str, Any] = {"control": control, "treatment": treatment, "margin": 0.1}
    answer = check_non_inferiority(**(given | more))
    assert isinstance(answer, NonInferiority)
    return answer


def test_guardrail_is_harmed_by_a_loss_and_not_by_a_gain() -> None:
    assert watch(normal(50), normal(48)).is_harmed
    assert not watch(normal(50), normal(52)).is_harmed
    assert watch(normal(50), normal(52)).p_value == 1.0


def test_guardrail_of_latency_is_harmed_by_a_rise_beyond_its_margin() -> None:
    within = watch(normal(50), normal(56), margin=0.15, is_higher_better=False)
    beyond = watch(normal(50), normal(60), margin=0.15, is_higher_better=False)

    assert not within.is_harmed
    assert beyond.is_harmed
    assert beyond.effect.estimate == pytest.approx(10)
    assert beyond.beyond_margin.estimate == pytest.approx(60 - 57.5)
    assert beyond.beyond_margin.interval.high is None


def test_guardrail_takes_an_absolute_margin() -> None:
    assert not watch(normal(50), normal(48), margin=2.5, margin_unit="absolute").is_harmed
    assert watch(normal(50), normal(48), margin=0.5, margin_unit="absolute").is_harmed


def test_guardrail_remembers_its_worst_look() -> None:
    worst = watch(normal(50), normal(48))

    later = watch(normal(50), normal(50), previous_p=worst.p_value)

    assert later.is_harmed
    assert later.p_value == worst.p_value


@pytest.mark.parametrize("kind", ["proportion", "mean"])
def test_guardrail_of_a_proportion_is_that_of_its_zeros_and_ones(kind: Kind) -> None:
    control, treatment = Arm.from_counts(n=3000, successes=300), Arm.from_counts(n=3000, successes=220)

    guardrail = watch(control, treatment, kind=kind, margin=0.05)

    assert guardrail.is_harmed
    assert guardrail.beyond_margin.control == pytest.approx(0.095)


def test_guardrail_of_a_ratio_moves_the_ratio_by_its_margin() -> None:
    control = Arm.from_values([1.0, 0.0, 2.0, 1.0] * 300, [4.0, 3.0, 8.0, 5.0] * 300)
    treatment = Arm.from_values([1.0, 0.0, 1.0, 0.0] * 300, [4.0, 3.0, 8.0, 5.0] * 300)

    guardrail = watch(control, treatment, kind="ratio", margin=0.1)

    assert guardrail.beyond_margin.control == pytest.approx(0.9 * 4 / 20)
    assert guardrail.is_harmed


def test_non_inferiority_is_shown_for_an_equal_and_not_for_a_clearly_worse_treatment() -> None:
    assert show(normal(50), normal(50)).is_shown
    assert not show(normal(50), normal(45)).is_shown
    assert not show(normal(50, n=20), normal(50, n=20)).is_shown


def test_non_inferiority_turns_round_where_lower_is_better() -> None:
    assert not show(normal(50), normal(56), is_higher_better=False).is_shown
    assert show(normal(50), normal(44), is_higher_better=False).is_shown


def test_relative_margin_needs_a_control_above_zero() -> None:
    answer = check_non_inferiority(control=normal(-5), treatment=normal(-5), margin=0.1)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "relative_undefined"


def test_guardrail_without_enough_units_is_neither_harm_nor_safety() -> None:
    answer = check_guardrail(control=normal(50), treatment=normal(1, n=50), n_planned=4000)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "too_few_units"


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: watch(normal(50), normal(50), margin=-0.1), "margin"),
        (lambda: watch(normal(50), normal(50), margin=1.0), "margin"),
        (lambda: watch(normal(50), normal(50), margin=float("nan")), "margin"),
        (lambda: watch(normal(50), normal(50), margin=15, margin_unit="percent"), "margin_unit"),
        (lambda: watch(normal(50), normal(50), alpha=0.6), "alpha"),
        (lambda: show(normal(50), normal(50), margin=0.0), "margin"),
        (lambda: show(normal(50), normal(50), alpha=0), "alpha"),
    ],
)
def test_margins_refuse_misuse(ask: Any, argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        ask()
