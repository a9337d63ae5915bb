from __future__ import annotations

import pytest

from recommendations.engine.neural.plan import (
    BATCH_S,
    LEAST_RATE,
    PLANNED_SHARE,
    RECURRENT_STEP_S,
    SPEED,
    Plan,
    Size,
)

SIZE = Size(width=64, n_hidden=128, n_sampled=512, length=32)


def plan(allowance_s: float | None, passes: float = 10, n_batches: int = 300, n_events: int = 1_000_000) -> Plan:
    return Plan.within(n_batches, n_events, passes, 3e-3, SIZE, allowance_s)


def test_without_a_budget_every_pass_is_planned() -> None:
    assert plan(None).n_steps == 3_000
    assert plan(None, passes=0.5).n_steps == 150
    assert plan(None, passes=0).n_steps == 0
    assert plan(None, n_batches=0, n_events=0).n_steps == 0


def test_a_budget_allows_as_many_steps_as_fit_and_never_more_than_the_passes() -> None:
    pass_s = 1_000_000 * 3 * SIZE.cost / SPEED + 300 * (BATCH_S + 32 * RECURRENT_STEP_S)

    assert plan(10_000.0).n_steps == 3_000
    assert plan(2 * pass_s / PLANNED_SHARE).n_steps == pytest.approx(600, abs=1)
    assert plan(0.0).n_steps == 0
    assert plan(-5.0).n_steps == 0


def test_a_larger_network_gets_fewer_steps_of_the_same_budget() -> None:
    larger = Plan.within(300, 1_000_000, 10, 3e-3, Size(64, 256, 512, 32), 60.0)

    assert 0 < larger.n_steps < plan(60.0).n_steps


def test_the_rate_rises_to_its_peak_and_falls_to_a_share_of_it() -> None:
    schedule = Plan(2_000, 1e-2)

    rates = [schedule.rate(step) for step in range(2_000)]

    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0.98e-2 < max(rates) <= 1e-2
    assert rates[0] < 2e-4
    assert rates[-1] == pytest.approx(1e-2 * LEAST_RATE)


def test_the_rate_of_a_plan_of_one_step_is_its_peak() -> None:
    assert Plan(1, 1e-2).rate(0) == 1e-2
