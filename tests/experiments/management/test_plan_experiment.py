from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.models import Experiment
from tests.experiments.conftest import KEY
from tests.factories.experiments import plan_experiment

BY_HAND = ("--baseline", "0.05", "--daily", "4000")


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"


@pytest.fixture
def planned(experiment: Experiment) -> Experiment:
    return plan_experiment(
        experiment, primary_metric="conversion", guardrails=[{"metric": "orders", "margin": 0.1}], mde=0.1
    )


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("plan_experiment", *arguments, stdout=written)
    return written.getvalue()


def test_plan_of_a_draft_tells_sample_weeks_and_curve(planned: Experiment) -> None:
    written = run(KEY, *BY_HAND)

    assert "33,360 in each variation, 66,720 in all" in written
    assert "4 weeks" in written
    assert "<- the plan" in written
    planned.refresh_from_db()
    assert planned.planned_units is None


def test_plan_without_a_draft_needs_a_metric(db: None) -> None:
    assert "10.0% relative" in run("--metric", "conversion", "--mde", "10", *BY_HAND)

    with pytest.raises(CommandError, match="Which metric"):
        run(*BY_HAND)


def test_plan_is_written_into_the_draft_when_asked(planned: Experiment) -> None:
    written = run(KEY, "--mde", "8%", "--use", *BY_HAND)

    planned.refresh_from_db()
    assert planned.mde == 0.08
    assert planned.planned_units is not None
    assert f"planned end {planned.planned_end_at:%Y-%m-%d}" in written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "unknown_experiment"),
        ((KEY, "--metric", "unheard"), "unknown_metric"),
        ((KEY, "--mde", "0"), "--mde is 0"),
        ((KEY, "--mde", "much"), "is not a percentage"),
        ((KEY, "--alpha", "0.7"), "--alpha is 0.7"),
        ((KEY, "--power", "1"), "--power is 1"),
        ((KEY, "--coverage", "0"), "--coverage is 0"),
        ((KEY, "--daily", "10"), "go with --baseline"),
        ((KEY, "--baseline", "0.05", "--daily", "0"), "--daily is below 1"),
        ((KEY, "--baseline", "0"), "is 0 today"),
        ((KEY, "--metric", "revenue", "--baseline", "3"), "needs its standard deviation"),
        ((KEY,), "Give the baseline by hand"),
        (("--metric", "conversion", "--use", *BY_HAND), "give its key"),
    ],
)
def test_plan_says_what_is_wrong(planned: Experiment, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_plan_is_not_written_into_what_runs(planned: Experiment) -> None:
    ramp.start(KEY, coverage_bp=6000, actor="ann", reason="first look")

    with pytest.raises(CommandError, match="not_plannable"):
        run(KEY, "--use", *BY_HAND)
