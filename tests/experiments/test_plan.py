import math
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.conf import now
from experiments.models import Experiment, Phase
from experiments.plan import Guardrail, RowLimits, find_faults, find_guardrail_faults, find_limit_faults, read_plan
from tests.experiments.conftest import KEY
from tests.factories.experiments import plan_experiment

EVEN = (("control", 5000), ("treatment", 5000))
WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}


def find_fields(experiment: Experiment) -> list[str]:
    return [field for field, _ in find_faults(experiment, weights_bp=EVEN, start_at=now())]


def test_plan_that_is_complete_has_no_fault(experiment: Experiment) -> None:
    assert find_fields(experiment) == []


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        ("research_note", "  ", "say what is known"),
        ("change", "", "say what is changed"),
        ("primary_metric", "", "name the one metric"),
        ("primary_metric", "no_such_metric", "choose one of"),
        ("secondary_metrics", ["homepage_ctr"], "take it out"),
        ("expected_effect", None, "give it in percent"),
        ("expected_effect", 0.0, "not 0"),
        ("expected_effect", math.nan, "give it in percent"),
        ("mde", None, "smallest one worth finding"),
        ("mde", -0.05, "above 0"),
        ("alpha", 0.5, "below 0.5"),
        ("power", 1.0, "below 1"),
        ("planned_end_at", None, "give the date"),
        ("guardrails", [], "name at least one metric"),
        ("guardrails", [{"metric": "no_such_metric", "margin": 0.1}], "choose one of"),
        ("row_limits", {"p95_ms": 0}, "above 0"),
        ("steps", [{"seen_bp": 9000}], "at most 50%"),
    ],
)
def test_each_field_at_fault_is_named_with_its_fix(experiment: Experiment, field: str, value: Any, fix: str) -> None:
    setattr(experiment, field, value)

    ((named, message),) = find_faults(experiment, weights_bp=EVEN, start_at=now())

    assert named == field
    assert fix in message


def test_planned_end_lies_after_the_start(experiment: Experiment) -> None:
    plan_experiment(experiment, planned_end_at=now() + timedelta(days=1))

    later = find_faults(experiment, weights_bp=EVEN, start_at=now() + timedelta(days=2))

    assert [field for field, _ in later] == ["planned_end_at"]


def test_all_faults_are_told_at_once(experiment: Experiment) -> None:
    empty = {"research_note": "", "change": "", "primary_metric": "", "expected_effect": None, "mde": None}
    plan_experiment(experiment, **empty, planned_end_at=None, guardrails=[])

    assert find_fields(experiment) == [*empty, "planned_end_at", "guardrails"]


def test_aa_needs_only_what_makes_sense_for_it(experiment: Experiment) -> None:
    empty: dict[str, Any] = {"research_note": "", "change": "", "expected_effect": None, "mde": None, "guardrails": []}
    plan_experiment(experiment, **empty, design="aa")

    different = find_fields(experiment)
    experiment.variations.update(payload={"rule": "popular"})

    assert different == ["variations"]
    assert find_fields(experiment) == []


def test_interleaving_needs_neither_effect_nor_sample(experiment: Experiment) -> None:
    plan_experiment(experiment, design="interleaving", primary_metric="", expected_effect=None, mde=None, guardrails=[])

    assert find_fields(experiment) == []


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        (None, "missing"),
        ([{}], "names no metric"),
        ([{"metric": "orders", "margin": 1}], "margin == 1"),
        ([{"metric": "orders", "margin": True}], "margin == True"),
        ([{"metric": "orders", "margin": 0.1}, {"metric": "orders", "margin": 0.2}], "twice"),
        ([{"metric": f"m{place}", "margin": 0.1} for place in range(21)], "at most 20"),
    ],
)
def test_guardrail_faults_name_the_fix(stored: Any, fault: str) -> None:
    (message,) = find_guardrail_faults(stored)

    assert fault in message


@pytest.mark.parametrize("stored", [[], {"speed": 1}, {"error_share": 1.0}, {"p95_ms": math.inf}])
def test_limit_faults_are_found(stored: Any) -> None:
    assert len(find_limit_faults(stored)) == 1


def test_plan_is_frozen_at_the_start_and_later_edits_do_not_reach_it(
    experiment: Experiment, settings: Settings
) -> None:
    settings.EXPERIMENT_ROW_LIMITS = {"p95_ms": 400.0}
    plan_experiment(experiment, alpha=0.1, row_limits={"error_share": 0.01})
    ramp.start(KEY, **WHO)
    plan_experiment(experiment, alpha=0.01, guardrails=[], primary_metric="conversion")

    plan = read_plan(Phase.objects.get())

    assert (plan.alpha, plan.primary_metric) == (0.1, "homepage_ctr")
    assert plan.guardrails == (Guardrail("orders_per_shopper", 0.02),)
    assert plan.row_limits == RowLimits(error_share=0.01, fallback_share=0.2, p95_ms=400.0)
    assert plan.planned_end_at is not None
    assert [step.coverage_bp for step in plan.steps] == [200, 500, 1500, 3000, 6000]


def test_phase_from_before_there_were_plans_reads_as_the_usual_one(experiment: Experiment) -> None:
    phase = Phase.objects.create(
        experiment=experiment, number=1, coverage_bp=200, weights_bp=[list(one) for one in EVEN]
    )

    plan = read_plan(phase)

    assert (plan.alpha, plan.planned_end_at, plan.guardrails, len(plan.steps)) == (0.05, None, (), 5)
