"""Reports are read in a project that measures the metrics of `tests.fakes.measured`."""

import pytest
from pytest_django import Settings

from experiments.models import Design, Experiment
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Outcome

BETTER = {"control": Outcome(), "treatment": Outcome(conversion=0.0625, revenue=3.8, recommended_ctr=0.045)}
WORSE = {"control": Outcome(), "treatment": Outcome(conversion=0.035)}
SAME = {"control": Outcome(), "treatment": Outcome()}


@pytest.fixture(autouse=True)
def measuring(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.measured.Measured"
    settings.EXPERIMENT_FUNNEL = {}


@pytest.fixture
def planned(experiment: Experiment) -> Experiment:
    """A draft whose plan names metrics of that project."""
    return plan_experiment(
        experiment,
        primary_metric="conversion",
        secondary_metrics=["recommended_ctr"],
        guardrails=[{"metric": "orders", "margin": 0.1}, {"metric": "latency", "margin": 0.15}],
    )


def redesign(experiment: Experiment, design: Design) -> Experiment:
    experiment.design = design
    experiment.save(update_fields=["design"])
    return experiment
