import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.stats import (
    Adjustment,
    Arm,
    Design,
    Effect,
    Guardrail,
    NonInferiority,
    ReadOut,
    RelativeEffect,
    SampleRatio,
    adjust_with_covariate,
    always_valid,
    check_guardrail,
    check_non_inferiority,
    combine_phases,
    compare_means,
    compare_proportions,
    compare_ratios,
    linearise,
    power,
    read_out,
    sample_ratio_mismatch,
    sample_size,
    split_alpha,
)

N_RUNS = 1000
N_DAYS = 14
PER_DAY = 150

Days = list[list[tuple[Arm, Arm]]]


def draw_clicks(
    rng: np.random.Generator, shape: tuple[int, ...], lift: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Few shoppers make most impressions, and each has a taste of its own.
    impressions = 1 + np.minimum(rng.pareto(1.3, shape) * 4, 400).astype(np.int64)
    taste = rng.gamma(1.5, 0.04 / 1.5, shape)
    return rng.binomial(impressions, np.minimum(taste * (1 + lift), 0.9)), impressions


def add_over_days(y: NDArray[np.int64], x: NDArray[np.int64]) -> list[list[Arm]]:
    sums = [np.cumsum(part.sum(axis=-1), axis=-1).tolist() for part in (y, y * y, x, x * x, x * y)]
    return [
        [
            Arm.from_sums(n=day * y.shape[-1], sum_y=a, sum_yy=b, sum_x=c, sum_xx=d, sum_xy=e)
            for day, (a, b, c, d, e) in enumerate(zip(*run, strict=True), start=1)
        ]
        for run in zip(*sums, strict=True)
    ]


@pytest.fixture(scope="module")
def no_effect() -> Days:
    rng = np.random.default_rng(1)
    runs: Days = []
    for _ in range(4):
        control, treatment = (add_over_days(*draw_clicks(rng, (N_RUNS // 4, N_DAYS, PER_DAY))) for _ in range(2))
        runs += [list(zip(*pair, strict=True)) for pair in zip(control, treatment, strict=True)]
    return runs


def test_ratio_keeps_its_level_where_impressions_are_heavy_tailed(no_effect: Days) -> None:
    finals = [days[-1] for days in no_effect]

    effects = [compare_ratios(control=control, treatment=treatment) for control, treatment in finals]

    rate = np.mean([effect.p_value <= 0.05 for effect in effects if isinstance(effect, Effect)])
    assert len(effects) == N_RUNS
    assert 0.035 <= rate <= 0.065


def test_impressions_taken_as_units_reject_far_too_often(no_effect: Days) -> None:
    finals = [days[-1] for days in no_effect]

    naive = [
        compare_proportions(
            control=Arm.from_counts(n=round(control.n * control.mean_x), successes=round(control.n * control.mean_y)),
            treatment=Arm.from_counts(
                n=round(treatment.n * treatment.mean_x), successes=round(treatment.n * treatment.mean_y)
            ),
        )
        for control, treatment in finals
    ]

    assert np.mean([effect.p_value <= 0.05 for effect in naive if isinstance(effect, Effect)]) > 0.12


def look_daily(days: list[tuple[Arm, Arm]], alpha: float = 0.05) -> float:
    p_value = 1.0
    for control, treatment in days:
        effect = always_valid(
            kind="ratio",
            control=control,
            treatment=treatment,
            n_planned=2 * N_DAYS * PER_DAY,
            alpha=alpha,
            previous_p=p_value,
        )
        assert isinstance(effect, Effect)
        p_value = effect.p_value
    return p_value


def test_always_valid_keeps_its_level_under_daily_looks(no_effect: Days) -> None:
    rate = np.mean([look_daily(days) <= 0.05 for days in no_effect])

    assert rate <= 0.05


def test_fixed_test_under_daily_looks_rejects_far_too_often(no_effect: Days) -> None:
    least = [
        min(compare_ratios(control=control, treatment=treatment).p_value for control, treatment in days)  # type: ignore[union-attr]
        for days in no_effect[:300]
    ]

    assert np.mean(np.array(least) <= 0.05) > 0.15


def read_daily(days: list[tuple[Arm, Arm]]) -> bool:
    p_value, is_significant = 1.0, False
    for number, (control, treatment) in enumerate(days, start=1):
        answer = read_out(
            kind="ratio",
            control=control,
            treatment=treatment,
            n_planned=2 * N_DAYS * PER_DAY,
            is_planned_end=number == len(days),
            previous_p=p_value,
        )
        assert isinstance(answer, ReadOut)
        assert isinstance(answer.sequential, Effect)
        p_value, is_significant = answer.sequential.p_value, answer.is_significant
    return is_significant


def test_hybrid_read_out_keeps_its_level_over_the_whole_life(no_effect: Days) -> None:
    rate = np.mean([read_daily(days) for days in no_effect])

    assert 0.025 <= rate <= 0.05


def test_guardrail_rolls_back_few_harmless_ramps(no_effect: Days) -> None:
    harmed = 0
    for days in no_effect:
        p_value = 1.0
        for control, treatment in days:
            guardrail = check_guardrail(
                kind="ratio",
                control=control,
                treatment=treatment,
                n_planned=2 * N_DAYS * PER_DAY,
                previous_p=p_value,
            )
            assert isinstance(guardrail, Guardrail)
            p_value = guardrail.p_value
        harmed += p_value <= 0.05

    assert harmed / N_RUNS <= 0.05


def test_ratio_finds_a_true_lift_with_the_planned_power() -> None:
    rng = np.random.default_rng(2)
    past = linearise(Arm.from_values(*draw_clicks(rng, (400_000,))))
    assert isinstance(past, Arm)
    design = Design(
        kind="ratio",
        baseline=past.mean_y,
        variance=past.variance_y,
        treatment_variance=past.variance_y * 1.2**2,
    )
    size = sample_size(design=design, relative_effect=0.2)

    found = 0
    for _ in range(N_RUNS):
        control = Arm.from_values(*draw_clicks(rng, (size.n_control,)))
        treatment = Arm.from_values(*draw_clicks(rng, (size.n_treatment,), lift=0.2))
        effect = compare_ratios(control=control, treatment=treatment)
        found += isinstance(effect, Effect) and effect.p_value <= 0.05

    assert found / N_RUNS == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(("baseline", "relative_effect", "allocation"), [(0.05, 0.2, 1.0), (0.3, -0.1, 0.5)])
def test_proportion_finds_a_true_lift_with_the_planned_power(
    baseline: float, relative_effect: float, allocation: float
) -> None:
    rng = np.random.default_rng(3)
    design = Design(kind="proportion", baseline=baseline, allocation=allocation)
    size = sample_size(design=design, relative_effect=relative_effect)
    control = rng.binomial(size.n_control, baseline, N_RUNS)
    treatment = rng.binomial(size.n_treatment, baseline * (1 + relative_effect), N_RUNS)

    effects = [
        compare_proportions(
            control=Arm.from_counts(n=size.n_control, successes=int(first)),
            treatment=Arm.from_counts(n=size.n_treatment, successes=int(second)),
        )
        for first, second in zip(control, treatment, strict=True)
    ]

    found = np.mean([effect.p_value <= 0.05 for effect in effects if isinstance(effect, Effect)])
    assert found == pytest.approx(0.8, abs=0.03)


def test_hybrid_read_out_finds_a_true_lift_with_nearly_the_planned_power() -> None:
    rng = np.random.default_rng(4)
    design = Design(kind="proportion", baseline=0.1, alpha=split_alpha()[1])
    size = sample_size(design=design, relative_effect=0.1)
    control = rng.binomial(size.n_control, 0.1, N_RUNS)
    treatment = rng.binomial(size.n_treatment, 0.11, N_RUNS)

    answers = [
        read_out(
            kind="proportion",
            control=Arm.from_counts(n=size.n_control, successes=int(first)),
            treatment=Arm.from_counts(n=size.n_treatment, successes=int(second)),
            n_planned=size.n_compared,
            is_planned_end=True,
        )
        for first, second in zip(control, treatment, strict=True)
    ]

    found = np.mean([answer.is_significant for answer in answers if isinstance(answer, ReadOut)])
    assert found == pytest.approx(0.8, abs=0.03)


def draw_normal_arms(rng: np.random.Generator, n: int, mean: float, deviation: float) -> Iterator[Arm]:
    # The sums of n normal values, drawn from their own distribution.
    means = rng.normal(mean, deviation / math.sqrt(n), N_RUNS)
    squares = rng.chisquare(n - 1, N_RUNS) * deviation**2
    for centre, square in zip(means.tolist(), squares.tolist(), strict=True):
        yield Arm.from_moments(n=n, mean_y=centre, centred_yy=square)


@pytest.mark.parametrize(("margin_unit", "margin"), [("relative", 0.1), ("absolute", 2.0)])
def test_non_inferiority_keeps_its_level_at_the_margin(margin_unit: str, margin: float) -> None:
    rng = np.random.default_rng(5)
    controls = list(draw_normal_arms(rng, 500, 20.0, 9.0))
    treatments = list(draw_normal_arms(rng, 300, 18.0, 14.0))

    answers = [
        check_non_inferiority(control=control, treatment=treatment, margin=margin, margin_unit=margin_unit)  # type: ignore[arg-type]
        for control, treatment in zip(controls, treatments, strict=True)
    ]

    rate = np.mean([answer.is_shown for answer in answers if isinstance(answer, NonInferiority)])
    assert 0.035 <= rate <= 0.065


def test_non_inferiority_has_the_power_that_its_margin_was_planned_with() -> None:
    rng = np.random.default_rng(6)
    design = Design(kind="mean", baseline=20.0, variance=81.0, alternative="greater")
    size = sample_size(design=design, effect=1.0)
    arms = zip(
        draw_normal_arms(rng, size.n_control, 20.0, 9.0),
        draw_normal_arms(rng, size.n_treatment, 20.0, 9.0),
        strict=True,
    )

    answers = [
        check_non_inferiority(control=control, treatment=treatment, margin=1.0, margin_unit="absolute")
        for control, treatment in arms
    ]

    rate = np.mean([answer.is_shown for answer in answers if isinstance(answer, NonInferiority)])
    assert rate == pytest.approx(0.8, abs=0.03)


def draw_with_history(rng: np.random.Generator, n: int, lift: float = 0.0) -> Arm:
    taste = rng.gamma(2, 1, n)
    return Arm.from_values(rng.poisson(3 * taste) + lift, rng.poisson(5 * taste))


def test_covariate_keeps_the_level_and_finds_more() -> None:
    rng = np.random.default_rng(7)
    rejected = {"none": 0, "adjusted": 0, "found": 0, "found_adjusted": 0}
    reductions = []

    for _ in range(N_RUNS):
        control, alike, better = (draw_with_history(rng, 400, lift) for lift in (0.0, 0.0, 0.6))
        for treatment, plain, with_history in ((alike, "none", "adjusted"), (better, "found", "found_adjusted")):
            adjustment = adjust_with_covariate(arms=[control, treatment])
            assert isinstance(adjustment, Adjustment)
            reductions.append(adjustment.variance_reduction)
            for name, pair in ((plain, (control, treatment)), (with_history, adjustment.arms)):
                effect = compare_means(control=pair[0], treatment=pair[1])
                rejected[name] += isinstance(effect, Effect) and effect.p_value <= 0.05

    rates = {name: count / N_RUNS for name, count in rejected.items()}
    design = Design(kind="mean", baseline=6.0, variance=24.0)
    adjusted = Design(kind="mean", baseline=6.0, variance=24.0, covariate_correlation=math.sqrt(np.mean(reductions)))
    assert 0.035 <= rates["adjusted"] <= 0.065
    assert rates["found"] == pytest.approx(power(design=design, n_control=400, effect=0.6), abs=0.03)
    assert rates["found_adjusted"] == pytest.approx(power(design=adjusted, n_control=400, effect=0.6), abs=0.03)
    assert rates["found_adjusted"] > rates["found"] + 0.2


def watch_ratio(daily: list[list[int]], alpha: float) -> tuple[bool, bool]:
    p_value, counts, fixed_alarm = 1.0, [0, 0], False
    for day in daily:
        counts = [total + units for total, units in zip(counts, day, strict=True)]
        answer = sample_ratio_mismatch(counts=counts, weights=(1, 1), alpha=alpha, previous_p=p_value)
        assert isinstance(answer, SampleRatio)
        p_value = answer.anytime_p_value
        fixed_alarm = fixed_alarm or answer.is_mismatch
    return p_value <= alpha, fixed_alarm


def test_anytime_sample_ratio_keeps_its_level_under_daily_looks() -> None:
    daily = np.random.default_rng(8).multinomial(2000, (0.5, 0.5), (N_RUNS, 28)).tolist()

    alarms = np.array([watch_ratio(days, 0.05) for days in daily])

    anytime_rate, fixed_rate = alarms.mean(axis=0)
    assert anytime_rate <= 0.05
    assert fixed_rate > 0.15


def test_anytime_sample_ratio_finds_a_loss_of_one_unit_in_twenty() -> None:
    daily = np.random.default_rng(9).multinomial(2000, (0.5, 0.475, 0.025), (200, 28))[..., :2].tolist()

    alarms = np.array([watch_ratio(days, 0.001) for days in daily])

    assert alarms[:, 0].mean() > 0.95


def test_guardrail_tolerates_its_margin_and_stops_twice_that() -> None:
    rng = np.random.default_rng(10)
    harmed = {1.15: 0, 1.3: 0}

    for factor in harmed:
        for control, treatment in zip(
            draw_normal_arms(rng, 1500, 120.0, 60.0), draw_normal_arms(rng, 1500, 120.0 * factor, 60.0), strict=True
        ):
            guardrail = check_guardrail(
                control=control, treatment=treatment, n_planned=3000, margin=0.15, is_higher_better=False
            )
            harmed[factor] += isinstance(guardrail, Guardrail) and guardrail.is_harmed

    assert harmed[1.15] / N_RUNS <= 0.05
    assert harmed[1.3] / N_RUNS >= 0.95


def test_relative_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    covered = 0

    for _ in range(N_RUNS):
        control, treatment = (Arm.from_values(rng.gamma(0.5, scale, 400)) for scale in (10.0, 12.0))
        effect = compare_means(control=control, treatment=treatment)
        assert isinstance(effect, Effect)
        assert isinstance(effect.relative, RelativeEffect)
        covered += effect.relative.interval.contains(0.2)

    assert covered / N_RUNS == pytest.approx(0.95, abs=0.015)


def test_phases_of_other_weights_and_days_give_no_effect_where_there_is_none() -> None:
    rng = np.random.default_rng(12)
    added, combined = 0, 0

    for _ in range(N_RUNS):
        phases = [
            tuple(Arm.from_counts(n=n, successes=int(rng.binomial(n, share))) for n in sizes)
            for share, sizes in ((0.05, (9000, 1000)), (0.08, (5000, 5000)))
        ]
        pair = combine_phases(kind="proportion", phases=phases)  # type: ignore[arg-type]
        assert isinstance(pair, tuple)
        together = compare_means(control=pair[0], treatment=pair[1])
        apart = compare_proportions(control=phases[0][0] + phases[1][0], treatment=phases[0][1] + phases[1][1])
        combined += isinstance(together, Effect) and together.p_value <= 0.05
        added += isinstance(apart, Effect) and apart.p_value <= 0.05

    assert 0.035 <= combined / N_RUNS <= 0.065
    assert added / N_RUNS > 0.3
