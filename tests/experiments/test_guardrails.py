import math
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from experiments.concerns import Gravity, find_gravest
from experiments.guardrails import (
    GuardedMetric,
    RowFigures,
    find_excess_p,
    find_guard_units,
    find_guardrail_concerns,
    find_level,
)
from experiments.plan import Guardrail, Plan, RowLimits
from experiments.stats import Arm
from experiments.steps import read_steps

QUIET = RowFigures(n=1000, n_errors=5, n_fallback=50, p95_ms=90.0)
N_RAMPS = 100
N_LOOKS = 56
SEED = 20260302


def make_plan(*guardrails: Guardrail, alpha: float = 0.05) -> Plan:
    return Plan(
        design="ab",
        primary_metric="homepage_ctr",
        secondary_metrics=(),
        expected_effect=0.05,
        mde=0.03,
        alpha=alpha,
        power=0.8,
        planned_end_at=datetime(2026, 4, 1, tzinfo=UTC),
        planned_units=20_000,
        guardrails=guardrails,
        row_limits=RowLimits(error_share=0.015, fallback_share=0.2, p95_ms=250.0),
        steps=read_steps([], 5000),
        allocation="fixed",
    )


def guard(metric: str, arms: Mapping[str, Arm], *, margin: float = 0.0, is_higher_better: bool = True) -> GuardedMetric:
    return GuardedMetric(Guardrail(metric, margin), metric, "mean", is_higher_better, arms)


def spread(n: int, mean: float, deviation: float) -> Arm:
    return Arm(n, mean, (n - 1) * deviation**2)


def find_codes(plan: Plan, metrics: list[GuardedMetric], row: RowFigures = QUIET) -> list[str]:
    concerns = find_guardrail_concerns(plan, control="control", metrics=metrics, rows={"treatment": row}, missing=())
    return [concern.code for concern in concerns]


def test_level_is_shared_out_among_all_guardrails_and_variations() -> None:
    plan = make_plan(Guardrail("orders", 0.0), Guardrail("latency", 0.15))

    assert find_level(plan, n_featured=1) == pytest.approx(0.05 / 4)
    assert find_level(plan, n_featured=2) == pytest.approx(0.05 / 8)


@pytest.mark.parametrize(("planned_units", "n_units"), [(1_500, 1_500), (2_000, 2_000), (20_000, 2_000), (0, 1)])
def test_guardrails_see_best_in_the_first_steps_or_at_the_planned_end_of_a_small_test(
    planned_units: int, n_units: int
) -> None:
    assert find_guard_units(planned_units) == n_units


@pytest.mark.parametrize(
    ("control_ms", "treatment_ms", "is_broken"), [(100.0, 112.0, False), (100.0, 130.0, True), (130.0, 100.0, False)]
)
def test_latency_is_broken_beyond_its_margin_only(control_ms: float, treatment_ms: float, is_broken: bool) -> None:
    arms = {"control": spread(5000, control_ms, 40.0), "treatment": spread(5000, treatment_ms, 40.0)}
    plan = make_plan(Guardrail("latency", 0.15))

    codes = find_codes(plan, [guard("latency", arms, margin=0.15, is_higher_better=False)])

    assert codes == (["guardrail"] if is_broken else [])


def test_variation_that_is_worse_than_control_is_named_with_figure_and_limit() -> None:
    arms = {key: spread(5000, mean, 3.0) for key, mean in (("control", 2.0), ("treatment", 2.0), ("other", 1.5))}
    plan = make_plan(Guardrail("orders", 0.02))

    (concern,) = find_guardrail_concerns(
        plan,
        control="control",
        metrics=[guard("orders", arms, margin=0.02)],
        rows={"treatment": QUIET, "other": QUIET},
        missing=(),
    )

    assert (concern.gravity, concern.facts["variation"]) == (Gravity.ROLL_BACK, "other")
    assert "1.5 in other against 2 in control (-25.0%; -2.0% is allowed)" in concern.message


def test_few_units_break_nothing() -> None:
    arms = {"control": spread(99, 100.0, 1.0), "treatment": spread(99, 1.0, 1.0)}

    assert find_codes(make_plan(Guardrail("orders", 0.0)), [guard("orders", arms)]) == []


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (RowFigures(3000, 90, 0, 90.0), ["row_errors"]),
        (RowFigures(3000, 0, 900, 90.0), ["row_fallback"]),
        (RowFigures(200, 0, 0, 250.1), ["row_latency"]),
        (RowFigures(199, 0, 0, 900.0), []),
        (RowFigures(3000, 45, 600, 250.0), []),
        (RowFigures(0, 0, 0, None), []),
    ],
)
def test_row_is_held_to_absolute_limits(row: RowFigures, codes: list[str]) -> None:
    assert find_codes(make_plan(), [], row) == codes


def test_the_gravest_concern_decides() -> None:
    concerns = find_guardrail_concerns(
        make_plan(),
        control="control",
        metrics=[],
        rows={"treatment": RowFigures(3000, 90, 0, 90.0)},
        missing=["orders"],
    )

    gravest = find_gravest(concerns)

    assert [concern.gravity for concern in concerns] == [Gravity.HOLD, Gravity.ROLL_BACK]
    assert gravest is not None
    assert gravest.code == "row_errors"


def test_excess_p_is_the_inverse_of_a_mean_of_likelihood_ratios() -> None:
    limit, n, n_hits = 0.02, 400, 25
    ratios = [
        (share / limit) ** n_hits * ((1 - share) / (1 - limit)) ** (n - n_hits)
        for share in (0.025, 0.03, 0.04, 0.06, 0.1, 0.2)
    ]

    assert find_excess_p(n, n_hits, limit) == pytest.approx(len(ratios) / math.fsum(ratios), rel=1e-9)


def test_excess_p_alarms_seldom_at_the_limit_however_often_one_looks() -> None:
    generator = np.random.default_rng(SEED)
    n_alarms = 0
    for _ in range(400):
        hits = np.cumsum(generator.random(3000) < 0.015)
        n_alarms += any(find_excess_p(n, int(hits[n - 1]), 0.015) <= 0.05 for n in range(50, 3001, 50))

    assert n_alarms <= 0.05 * 400


def test_excess_p_finds_twice_the_limit_within_a_step() -> None:
    generator = np.random.default_rng(SEED)
    found = [
        any(find_excess_p(n, int(hits[n - 1]), 0.015) <= 0.0125 for n in range(50, 4001, 50))
        for hits in (np.cumsum(generator.random(4000) < 0.03) for _ in range(100))
    ]

    assert sum(found) >= 95


def test_at_most_five_of_a_hundred_ramps_without_effect_are_rolled_back() -> None:
    generator = np.random.default_rng(SEED)
    plan = make_plan(*(Guardrail(key, 0.0) for key in ("orders", "revenue", "latency", "errors")))

    n_rolled_back = sum(_is_rolled_back(plan, generator) for _ in range(N_RAMPS))

    assert n_rolled_back <= 5


def test_ramps_whose_pages_take_a_tenth_longer_are_rolled_back() -> None:
    generator = np.random.default_rng(SEED)
    plan = make_plan(*(Guardrail(key, 0.0) for key in ("orders", "revenue", "latency", "errors")))

    n_rolled_back = sum(_is_rolled_back(plan, generator, latency=1.1) for _ in range(20))

    assert n_rolled_back >= 19


def _is_rolled_back(plan: Plan, generator: np.random.Generator, *, latency: float = 1.0) -> bool:
    """One ramp on sums: the share grows, a look follows each quarter of a day, the figures have heavy tails."""
    arms = {key: {"control": Arm(), "treatment": Arm()} for key in ("orders", "revenue", "latency", "errors")}
    n_lists = n_errors = 0
    for at in range(N_LOOKS):
        n = 40 * (1 + at // 8)
        for variation, slower in (("control", 1.0), ("treatment", latency)):
            orders = generator.poisson(0.08, n)
            arms["orders"][variation] += Arm.from_values(orders)
            arms["revenue"][variation] += Arm.from_values(orders * generator.lognormal(3.0, 1.2, n))
            arms["latency"][variation] += Arm.from_values(generator.lognormal(4.0, 0.6, n) * slower)
            arms["errors"][variation] += Arm.from_values(generator.poisson(0.01, n))
        n_lists, n_errors = n_lists + 2 * n, n_errors + int(generator.binomial(2 * n, 0.01))
        metrics = [
            guard("orders", arms["orders"]),
            guard("revenue", arms["revenue"]),
            guard("latency", arms["latency"], is_higher_better=False),
            guard("errors", arms["errors"], is_higher_better=False),
        ]
        if find_codes(plan, metrics, RowFigures(n_lists, n_errors, n_lists // 10, 120.0)):
            return True
    return False
