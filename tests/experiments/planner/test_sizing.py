from dataclasses import replace

import pytest

from experiments.planner.sizing import NO_TRAFFIC, PlanError, expect_units, size
from experiments.planner.values import Baseline, Wish
from experiments.stats import Design, sample_size, split_alpha

CURVE = tuple(1000 * day for day in range(1, 29))
CONVERSION = Baseline("Conversion", "proportion", 0.05, cumulative_units=CURVE)
REVENUE = Baseline("Revenue", "mean", 3.0, variance=400.0, cumulative_units=CURVE)


def test_plan_is_sized_with_the_fixed_part_of_the_level() -> None:
    wish = Wish(mde=0.1)

    plan = size(CONVERSION, wish)

    design = Design(kind="proportion", baseline=0.05, alpha=split_alpha(0.05)[1])
    assert plan.n_each == sample_size(design=design, relative_effect=0.1).n_control
    assert plan.n_total == plan.n_compared == 2 * plan.n_each


def test_plan_lasts_whole_weeks_until_the_units_are_there() -> None:
    plan = size(CONVERSION, Wish(mde=0.1, coverage_share=0.6))

    assert plan.weeks is not None
    assert expect_units(CURVE, plan.weeks * 7) * 0.6 >= plan.n_total
    assert expect_units(CURVE, (plan.weeks - 1) * 7) * 0.6 < plan.n_total
    assert plan.is_extrapolated


def test_plan_of_a_large_effect_still_lasts_two_weeks() -> None:
    plan = size(CONVERSION, Wish(mde=1.0))

    assert plan.weeks == 2
    assert not plan.is_extrapolated


def test_plan_finds_its_effect_in_its_weeks_and_with_its_power() -> None:
    plan = size(REVENUE, Wish(mde=0.15))

    weeks = dict(plan.mde_by_week)
    assert plan.weeks is not None
    assert weeks[plan.weeks] <= 0.15
    powers = dict(plan.power_by_effect)
    wanted = min(powers, key=lambda effect: abs(effect - 0.15))
    assert powers[wanted] == pytest.approx(0.8, abs=0.001)
    assert list(powers.values()) == sorted(powers.values())


def test_plan_for_more_variations_needs_more_of_each() -> None:
    two, four = size(CONVERSION, Wish(mde=0.1)), size(CONVERSION, Wish(mde=0.1, n_treatments=3))

    assert four.n_each > two.n_each
    assert four.n_total == 4 * four.n_each


def test_plan_without_traffic_tells_the_sample_alone() -> None:
    plan = size(replace(CONVERSION, cumulative_units=()), Wish(mde=0.1))

    assert plan.weeks is None
    assert plan.reason == NO_TRAFFIC
    assert plan.mde_by_week == ()
    assert plan.n_each > 0


def test_plan_that_never_ends_says_so() -> None:
    plan = size(replace(CONVERSION, cumulative_units=(10, 20, 30)), Wish(mde=0.01))

    assert plan.weeks is None
    assert "include more, or look for a larger effect" in plan.reason


@pytest.mark.parametrize(
    ("baseline", "mde", "message"),
    [
        (replace(CONVERSION, value=0.0), 0.1, "is 0 today"),
        (replace(REVENUE, variance=0.0), 0.1, "cannot be planned with"),
        (replace(REVENUE, variance=None), 0.1, "needs the metric's variance"),
        (replace(CONVERSION, value=0.6), 0.9, "leaves 0..1"),
    ],
)
def test_plan_that_cannot_be_says_why(baseline: Baseline, mde: float, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        size(baseline, Wish(mde=mde))


def test_units_beyond_the_measured_days_grow_as_in_their_last_week() -> None:
    curve = (100, 150, 180, 200, 210, 220, 230, 240)

    assert expect_units(curve, 3) == 180
    assert expect_units(curve, 10) == 240 + 2 * (240 - 100) / 7
