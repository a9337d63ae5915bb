from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from experiments.stats import (
    Design,
    DetectableEffect,
    Inconclusive,
    StatsError,
    minimum_detectable_effect,
    power,
    sample_size,
)


def proportion(**more: Any) -> Design:
    given: dict[str, Any] = {"kind": "proportion", "baseline": 0.2}
    return Design(**(given | more))


def mean(**more: Any) -> Design:
    given: dict[str, Any] = {"kind": "mean", "baseline": 10.0, "variance": 25.0}
    return Design(**(given | more))


@settings(deadline=None)
@drawn(st.floats(0.01, 0.6), st.floats(0.05, 0.5), st.sampled_from([0.5, 1.0, 3.0]), st.floats(0.5, 0.95))
def test_sample_size_has_the_power_it_was_asked_for_and_one_unit_less_has_not(
    baseline: float, relative_effect: float, allocation: float, wanted: float
) -> None:
    design = proportion(baseline=baseline, allocation=allocation)

    size = sample_size(design=design, relative_effect=relative_effect, power=wanted)

    found = power(design=design, n_control=size.n_control, relative_effect=relative_effect)
    less = power(design=design, n_control=max(1, size.n_control - 1), relative_effect=relative_effect)
    assert found >= wanted - 1e-9
    assert less < wanted + 1e-3


@settings(deadline=None)
@drawn(st.integers(50, 10**6), st.floats(0.3, 0.95), st.sampled_from(["two-sided", "greater", "less"]))
def test_detectable_effect_has_the_power_it_was_asked_for(n_control: int, wanted: float, alternative: Any) -> None:
    for design in (proportion(alternative=alternative), mean(alternative=alternative)):
        found = minimum_detectable_effect(design=design, n_control=n_control, power=wanted)

        assert isinstance(found, DetectableEffect)
        assert (found.effect < 0) == (alternative == "less")
        assert power(design=design, n_control=n_control, effect=found.effect) == pytest.approx(wanted, abs=1e-9)


def test_sample_size_counts_every_variation() -> None:
    size = sample_size(design=proportion(n_treatments=2, allocation=0.5), effect=0.05)

    assert size.n_compared == size.n_control + size.n_treatment
    assert size.n_total == size.n_control + 2 * size.n_treatment
    assert size.alpha_each == 0.025
    assert size.relative_effect == pytest.approx(0.25)


def test_sample_size_pays_for_each_comparison() -> None:
    one = sample_size(design=proportion(), effect=0.05)
    three = sample_size(design=proportion(n_metrics=3), effect=0.05)
    third = sample_size(design=proportion(alpha=0.05 / 3), effect=0.05)

    assert three.n_control > one.n_control
    assert three.n_control == third.n_control


def test_sample_size_falls_by_what_the_covariate_explains() -> None:
    plain, halved = (sample_size(design=mean(covariate_correlation=r), effect=0.5) for r in (0.0, 0.5**0.5))

    assert halved.n_control == pytest.approx(plain.n_control / 2, abs=1)


def test_sample_size_grows_with_the_variance_of_the_treatment() -> None:
    plain, wider = (sample_size(design=mean(treatment_variance=v), effect=0.5) for v in (None, 75.0))

    assert wider.n_control == pytest.approx(2 * plain.n_control, abs=1)


def test_sample_size_of_one_side_is_smaller() -> None:
    assert (
        sample_size(design=proportion(alternative="greater"), effect=0.05).n_control
        < sample_size(design=proportion(), effect=0.05).n_control
    )


def test_power_without_an_effect_worth_naming_is_the_level() -> None:
    assert power(design=mean(), n_control=1000, effect=1e-9) == pytest.approx(0.05)


def test_detectable_effect_of_a_handful_is_inconclusive() -> None:
    answer = minimum_detectable_effect(design=proportion(baseline=0.5), n_control=3)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "too_few_units"


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: proportion(baseline=0.0), "baseline"),
        (lambda: proportion(baseline=20), "baseline"),
        (lambda: Design(kind="mean", baseline=1.0), "variance"),
        (lambda: mean(variance=0.0), "variance"),
        (lambda: mean(treatment_variance=-1.0), "treatment_variance"),
        (lambda: mean(baseline=float("nan")), "baseline"),
        (lambda: mean(alpha=5), "alpha"),
        (lambda: mean(alternative="up"), "alternative"),
        (lambda: mean(kind="median"), "kind"),
        (lambda: mean(allocation=0), "allocation"),
        (lambda: mean(n_treatments=0), "n_treatments"),
        (lambda: mean(n_metrics=0), "n_metrics"),
        (lambda: mean(covariate_correlation=1.0), "covariate_correlation"),
        (lambda: sample_size(design=mean()), "effect"),
        (lambda: sample_size(design=mean(), effect=1, relative_effect=0.1), "effect"),
        (lambda: sample_size(design=mean(), effect=0), "effect"),
        (lambda: sample_size(design=proportion(), effect=0.9), "effect"),
        (lambda: sample_size(design=mean(alternative="less"), effect=1), "effect"),
        (lambda: sample_size(design=mean(), effect=1, power=1.0), "power"),
        (lambda: power(design=mean(), n_control=0, effect=1), "n_control"),
        (lambda: minimum_detectable_effect(design=mean(), n_control=0), "n_control"),
    ],
)
def test_planning_refuses_misuse(ask: Any, argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        ask()
