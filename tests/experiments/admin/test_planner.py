from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.conf import now
from experiments.models import Experiment, Phase
from tests.experiments.admin.conftest import read
from tests.factories.experiments import plan_experiment

SignIn = Callable[..., Client]
BY_HAND = {
    "metric": "conversion",
    "mde": "10",
    "alpha": "0.05",
    "power": "0.8",
    "coverage": "60",
    "baseline": "0.05",
    "daily_units": "4000",
}

pytestmark = pytest.mark.urls("tests.experiments.urls")


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"


@pytest.fixture
def planned(experiment: Experiment) -> Experiment:
    return plan_experiment(
        experiment, primary_metric="conversion", guardrails=[{"metric": "orders", "margin": 0.1}], mde=0.1
    )


def page(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_planner", args=[experiment.pk])


def test_planner_answers_with_sample_weeks_and_curves(planned: Experiment, sign_in: SignIn) -> None:
    html = read(sign_in("view_experiment", "change_experiment").get(page(planned), BY_HAND))

    assert '<h2 id="xr-plan-title">4 weeks</h2>' in html
    assert "33,360" in html
    assert "Smallest effect that can be found" in html
    assert "Chance to find a true effect" in html
    assert "Use this plan" in html


def test_planner_opens_with_the_draft_and_says_what_it_could_not_measure(planned: Experiment, sign_in: SignIn) -> None:
    html = read(sign_in("view_experiment").get(page(planned)))

    assert 'value="10"' in html
    assert "Only 0 shoppers could be followed" in html
    assert "Give the baseline by hand" in html


def test_planner_writes_the_plan_into_the_draft(planned: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment", "change_experiment")

    response = client.post(page(planned), {**BY_HAND, "mde": "8", "power": "0.9"})

    planned.refresh_from_db()
    assert response.status_code == 302
    assert (planned.mde, planned.power) == (0.08, 0.9)
    assert planned.planned_units is not None
    assert planned.planned_units > 2 * 33_360
    assert planned.planned_end_at is not None
    assert planned.planned_end_at > now() + timedelta(weeks=4)
    assert any("The plan stands" in str(message) for message in get_messages(response.wsgi_request))


def test_planned_sample_is_frozen_at_the_start(planned: Experiment, sign_in: SignIn) -> None:
    sign_in("view_experiment", "change_experiment").post(page(planned), BY_HAND)

    ramp.start(planned.key, coverage_bp=6000, actor="ann", reason="planned")

    planned.refresh_from_db()
    assert Phase.objects.get().plan["planned_units"] == planned.planned_units


def test_planner_refuses_to_change_what_runs(planned: Experiment, sign_in: SignIn) -> None:
    ramp.start(planned.key, coverage_bp=6000, actor="ann", reason="first look")
    client = sign_in("view_experiment", "change_experiment")

    html = read(client.get(page(planned), BY_HAND))
    response = client.post(page(planned), BY_HAND)

    assert "Use this plan" not in html
    assert response.status_code == 409
    assert "what it asks is frozen" in read(response)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("mde", "0", "out of range"),
        ("mde", "much", "is not a percentage"),
        ("alpha", "0.9", "less than or equal to 0.4999"),
        ("power", "1", "less than or equal to 0.9999"),
        ("coverage", "0", "out of range"),
        ("coverage", "101", "out of range"),
        ("metric", "unheard", "not one of the available choices"),
        ("baseline", "", "Baseline is missing"),
        ("baseline", "nan", "Enter a number"),
        ("baseline", "0", "is 0 today"),
        ("baseline", "0.999", "leaves 0..1"),
        ("baseline", "7", "cannot be planned with"),
        ("daily_units", "0", "greater than or equal to 1"),
    ],
)
def test_planner_names_each_fault(planned: Experiment, sign_in: SignIn, field: str, value: str, message: str) -> None:
    client = sign_in("view_experiment", "change_experiment")

    asked = client.get(page(planned), {**BY_HAND, field: value})
    written = client.post(page(planned), {**BY_HAND, field: value})

    assert message in read(asked)
    assert written.status_code in {400, 409}
    planned.refresh_from_db()
    assert planned.planned_units is None


def test_planner_needs_the_permission_to_change_for_writing(planned: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    assert "Use this plan" not in read(client.get(page(planned), BY_HAND))
    assert client.post(page(planned), BY_HAND).status_code == 403


def test_planner_needs_the_permission_to_view(planned: Experiment, sign_in: SignIn) -> None:
    assert sign_in("view_flag").get(page(planned)).status_code == 403
