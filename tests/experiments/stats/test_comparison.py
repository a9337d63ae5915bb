import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.stats import (
    Arm,
    Effect,
    Inconclusive,
    Kind,
    RelativeEffect,
    StatsError,
    always_valid,
    check_guardrail,
    check_non_inferiority,
    compare,
    compare_means,
    compare_proportions,
    compare_ratios,
    linearise,
    read_out,
)
from experiments.stats.results import Alternative

N_PLANNED = 2000
# The first call imports scipy.
unhurried = settings(deadline=None)


@st.composite
def counts(draw: st.DrawFn) -> Arm:
    n = draw(st.integers(1, 100_000))
    return Arm.from_counts(n=n, successes=draw(st.integers(0, n)))


@st.composite
def samples(draw: st.DrawFn, least: int = 2) -> Arm:
    pairs = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=least, max_size=25))
    return Arm.from_values([float(y) for y, _ in pairs], [float(x) for _, x in pairs])


@st.composite
def large_samples(draw: st.DrawFn) -> Arm:
    arm = draw(samples())
    copies = draw(st.integers(50, 5000))
    return Arm(
        arm.n * copies,
        arm.mean_y,
        arm.centred_yy * copies,
        arm.mean_x,
        arm.centred_xx * copies,
        arm.centred_xy * copies,
    )


def ask_all(control: Arm, treatment: Arm, kind: Kind, alternative: Alternative = "two-sided") -> list[Effect]:
    answers = [
        compare(kind=kind, control=control, treatment=treatment, alternative=alternative),
        always_valid(kind=kind, control=control, treatment=treatment, n_planned=N_PLANNED, alternative=alternative),
    ]
    return [answer for answer in answers if isinstance(answer, Effect)]


def assert_sound(effect: Effect) -> None:
    low, high = effect.interval.low, effect.interval.high
    assert 0 <= effect.p_value <= 1
    assert effect.estimate == pytest.approx(effect.treatment - effect.control)
    assert low is None or low <= effect.estimate + 1e-12
    assert high is None or effect.estimate - 1e-12 <= high
    assert json.loads(json.dumps(dataclasses.asdict(effect), allow_nan=False))
    if isinstance(effect.relative, RelativeEffect):
        assert effect.relative.interval.contains(effect.relative.estimate)


@unhurried
@given(counts(), counts(), st.sampled_from(["two-sided", "greater", "less"]))
def test_proportion_is_sound_whatever_the_counts(control: Arm, treatment: Arm, alternative: Alternative) -> None:
    for effect in ask_all(control, treatment, "proportion", alternative):
        assert_sound(effect)


@unhurried
@given(samples(), samples(), st.sampled_from(["mean", "ratio"]))
def test_mean_and_ratio_are_sound_whatever_the_values(control: Arm, treatment: Arm, kind: Kind) -> None:
    for effect in ask_all(control, treatment, kind):
        assert_sound(effect)


FLOATS = st.lists(st.tuples(st.floats(-1e120, 1e120), st.floats(0, 1e120)), min_size=1, max_size=8)


@unhurried
@given(FLOATS, FLOATS, st.sampled_from(["mean", "ratio"]), st.sampled_from(["two-sided", "greater", "less"]))
def test_values_of_any_size_give_a_sound_answer_or_a_refusal(
    control: list[tuple[float, float]], treatment: list[tuple[float, float]], kind: Kind, alternative: Alternative
) -> None:
    try:
        first, second = (
            Arm.from_values([y for y, _ in pairs], [x for _, x in pairs]) for pairs in (control, treatment)
        )
        effects = ask_all(first, second, kind, alternative)
    except StatsError:
        return

    for effect in effects:
        assert json.dumps(dataclasses.asdict(effect), allow_nan=False)
        assert 0 <= effect.p_value <= 1


@unhurried
@given(large_samples(), large_samples(), st.sampled_from(["mean", "ratio"]))
def test_swapping_the_arms_turns_the_effect_and_keeps_the_p_value(control: Arm, treatment: Arm, kind: Kind) -> None:
    there, back = ask_all(control, treatment, kind), ask_all(treatment, control, kind)

    for first, second in zip(there, back, strict=True):
        assert first.interval.low is not None
        assert second.interval.high is not None
        assert second.estimate == pytest.approx(-first.estimate)
        assert second.interval.high == pytest.approx(-first.interval.low)
        assert second.p_value == pytest.approx(first.p_value, rel=1e-9, abs=1e-300)


@unhurried
@given(large_samples(), large_samples(), st.floats(1e-6, 1e6), st.sampled_from(["mean", "ratio"]))
def test_another_unit_of_the_metric_changes_no_conclusion(
    control: Arm, treatment: Arm, factor: float, kind: Kind
) -> None:
    plain = ask_all(control, treatment, kind)

    scaled = ask_all(control.scaled(factor), treatment.scaled(factor), kind)

    for first, second in zip(plain, scaled, strict=True):
        assert second.estimate == pytest.approx(first.estimate * factor)
        assert second.p_value == pytest.approx(first.p_value, rel=1e-6, abs=1e-300)
        if isinstance(first.relative, RelativeEffect):
            assert isinstance(second.relative, RelativeEffect)
            assert second.relative.interval.low == pytest.approx(first.relative.interval.low, rel=1e-6)


@unhurried
@given(large_samples(), large_samples())
def test_both_one_sided_p_values_of_a_fixed_test_sum_to_one(control: Arm, treatment: Arm) -> None:
    greater = compare_means(control=control, treatment=treatment, alternative="greater")
    less = compare_means(control=control, treatment=treatment, alternative="less")
    assume(isinstance(greater, Effect))

    assert isinstance(greater, Effect)
    assert isinstance(less, Effect)
    assert greater.p_value + less.p_value == pytest.approx(1)


@unhurried
@given(counts(), counts())
def test_interval_of_a_smaller_alpha_holds_that_of_a_larger(control: Arm, treatment: Arm) -> None:
    wide = compare_proportions(control=control, treatment=treatment, alpha=0.01)
    narrow = compare_proportions(control=control, treatment=treatment, alpha=0.1)
    assume(isinstance(wide, Effect))

    assert isinstance(wide, Effect)
    assert isinstance(narrow, Effect)
    assert wide.interval.low is not None
    assert narrow.interval.low is not None
    assert wide.interval.low <= narrow.interval.low


EMPTY = Arm()
ONE = Arm.from_values([3.0], [2.0])
FLAT = Arm.from_values([3.0] * 200, [2.0] * 200)
SPREAD = Arm.from_values([1.0, 5.0] * 100, [2.0, 3.0] * 100)
NO_SUCCESS = Arm.from_counts(n=200, successes=0)
ALL_SUCCESSES = Arm.from_counts(n=200, successes=200)
NO_DENOMINATOR = Arm.from_values([0.0] * 200, [0.0] * 200)


@pytest.mark.parametrize(
    ("kind", "control", "treatment", "code"),
    [
        ("proportion", EMPTY, NO_SUCCESS, "no_units"),
        ("proportion", NO_SUCCESS, EMPTY, "no_units"),
        ("proportion", NO_SUCCESS, NO_SUCCESS, "no_successes"),
        ("proportion", ALL_SUCCESSES, ALL_SUCCESSES, "all_successes"),
        ("mean", EMPTY, SPREAD, "no_units"),
        ("mean", SPREAD, EMPTY, "no_units"),
        ("mean", ONE, SPREAD, "too_few_units"),
        ("mean", FLAT, FLAT, "no_variance"),
        ("ratio", EMPTY, SPREAD, "no_units"),
        ("ratio", SPREAD, ONE, "too_few_units"),
        ("ratio", SPREAD, NO_DENOMINATOR, "no_denominator"),
        ("ratio", NO_DENOMINATOR, SPREAD, "no_denominator"),
        ("ratio", FLAT, FLAT, "no_variance"),
    ],
)
def test_degenerate_data_is_inconclusive_with_its_reason(kind: Kind, control: Arm, treatment: Arm, code: str) -> None:
    answer = compare(kind=kind, control=control, treatment=treatment)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code
    assert answer.reason.endswith(".")
    assert not answer.is_conclusive


@pytest.mark.parametrize("kind", ["proportion", "mean", "ratio"])
def test_every_answer_on_empty_arms_is_inconclusive(kind: Kind) -> None:
    answers = [
        always_valid(kind=kind, control=EMPTY, treatment=EMPTY, n_planned=N_PLANNED),
        read_out(kind=kind, control=EMPTY, treatment=EMPTY, n_planned=N_PLANNED, is_planned_end=False),
        read_out(kind=kind, control=EMPTY, treatment=EMPTY, n_planned=N_PLANNED, is_planned_end=True),
        check_guardrail(kind=kind, control=EMPTY, treatment=EMPTY, n_planned=N_PLANNED),
        check_non_inferiority(kind=kind, control=EMPTY, treatment=EMPTY, margin=0.1),
    ]

    assert [answer.code for answer in answers if isinstance(answer, Inconclusive)] == ["no_units"] * 5


def test_one_flat_arm_is_still_compared() -> None:
    effect = compare_means(control=FLAT, treatment=SPREAD)

    assert isinstance(effect, Effect)
    assert effect.p_value == 1.0
    assert effect.interval.contains(0.0)


def test_relative_effect_is_missing_where_the_control_is_not_above_zero() -> None:
    effect = compare_means(control=SPREAD.shifted(-3.0), treatment=SPREAD)

    assert isinstance(effect, Effect)
    assert isinstance(effect.relative, Inconclusive)
    assert effect.relative.code == "relative_undefined"


def test_relative_effect_of_a_tiny_noisy_control_stays_finite() -> None:
    effect = compare_means(control=SPREAD.shifted(-3.0 + 1e-9), treatment=SPREAD)

    assert isinstance(effect, Effect)
    assert isinstance(effect.relative, RelativeEffect)
    assert effect.relative.interval.high is not None
    assert math.isfinite(effect.relative.interval.high)


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: compare_means(control=SPREAD, treatment=SPREAD, alpha=0.0), "alpha"),
        (lambda: compare_means(control=SPREAD, treatment=SPREAD, alpha=5), "alpha"),
        (lambda: compare_means(control=SPREAD, treatment=SPREAD, alternative="larger"), "alternative"),  # type: ignore[arg-type]
        (lambda: compare_proportions(control=SPREAD, treatment=NO_SUCCESS), "control"),
        (lambda: compare_proportions(control=NO_SUCCESS, treatment=FLAT), "treatment"),
        (lambda: compare(kind="median", control=SPREAD, treatment=SPREAD), "kind"),  # type: ignore[arg-type]
        (lambda: linearise(Arm.from_values([1.0, 2.0], [-1.0, -2.0])), "sum_x"),
        (lambda: compare_ratios(control=SPREAD, treatment=SPREAD, alpha=float("nan")), "alpha"),
    ],
)
def test_comparison_refuses_misuse_by_the_name_of_the_argument(ask: Any, argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        ask()
