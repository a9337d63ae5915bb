import json
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from experiments.models import Design, Experiment
from tests.experiments.conftest import KEY
from tests.experiments.report import test_joint as joint
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Outcome, Past, live

BETTER = {"control": Outcome(), "treatment": Outcome(conversion=0.0625)}
SAME = {"control": Outcome(), "treatment": Outcome()}
OVER = Past(days=28, per_day=1500, outcomes=BETTER)


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"


@pytest.fixture
def planned(experiment: Experiment) -> Experiment:
    return plan_experiment(
        experiment, primary_metric="conversion", guardrails=[{"metric": "orders", "margin": 0.1}], is_simulated=True
    )


def run(*arguments: str) -> tuple[str, int]:
    written, code = StringIO(), 0
    try:
        call_command("experiment_report", *arguments, stdout=written)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    return written.getvalue(), code


def test_report_in_the_terminal_says_what_the_page_says(planned: Experiment) -> None:
    live(planned, OVER)

    written, code = run(KEY)

    assert code == 0
    for part in ("SIMULATED SHOPPERS", "Ship", "Conversion improves", "+1.25 pp", "holds", "device: phone", "84,000"):
        assert part in written


def test_report_as_json_is_nothing_but_json(planned: Experiment) -> None:
    live(planned, OVER)

    written, code = run(KEY, "--json")

    assert code == 0
    assert json.loads(written)["decision"]["outcome"] == "ship"


@pytest.mark.parametrize(
    ("outcomes", "split", "days", "code"),
    [(BETTER, 1.0, 28, 0), (SAME, 1.0, 28, 3), (SAME, 1.0, 14, 4), (SAME, 0.9, 28, 5)],
)
def test_exit_code_is_the_verdict(
    planned: Experiment, outcomes: Mapping[str, Outcome], split: float, days: int, code: int
) -> None:
    live(planned, replace(OVER, outcomes=outcomes, split={"treatment": split}, days=days))

    assert run(KEY)[1] == code
    assert run(KEY, "--exit-zero")[1] == 0


def test_exit_code_of_an_a_a_without_difference_is_0(planned: Experiment) -> None:
    planned.design = Design.AA
    planned.save()
    live(planned, replace(OVER, outcomes=SAME))

    assert run(KEY)[1] == 0


def test_exit_code_of_nothing_to_read_is_6(planned: Experiment) -> None:
    written, code = run(KEY)

    assert code == 6
    assert "It has not been started" in written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("nothing",), "unknown_experiment"), ((KEY, "--phase", "4"), "unknown_phase")],
)
def test_report_says_what_is_wrong(planned: Experiment, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_report_of_hardly_anybody_is_printed(planned: Experiment) -> None:
    live(planned, Past(days=1, per_day=1))

    written, code = run(KEY)

    assert code == 4
    assert "Keep running" in written


def test_report_joins_the_phases_of_a_thompson_run(planned: Experiment) -> None:
    joint.run(planned, *[(50, 0.05, 0.0575)] * 4)

    printed, _ = run(KEY)

    assert "Phases 1, 2, 3, 4 together, each compared within itself, always-valid:" in printed
    assert "Recommended For You: Conversion +0.75 pp" in printed
    assert "better." in printed
