"""A training within its budget, on from an earlier version, and taken up by the next trainer where one died."""

from pathlib import Path

import numpy as np
import pytest

from recommendations import conf
from recommendations.adapters.embedded import training
from recommendations.adapters.embedded.fitting import checkpoint_folder
from recommendations.adapters.registry import get_backend
from recommendations.engine.artifacts import load
from recommendations.engine.base import Recommender
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.neural import learning, trainer
from recommendations.models import SolutionVersion
from recommendations.models.resources import Status
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
BLEND, NETWORK = "aws-user-personalization", "aws-hrnn"
QUICK = {"passes": 4, "hidden_dimension": 32}


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "FEWEST_BATCHES", 20)


@pytest.fixture
def group_arn(calm_world: Path) -> str:
    control = get_backend("embedded").control
    arn = control.ensure_dataset_group("fitting", tags={}).arn
    control.ensure_import("job", dataset_group_arn=arn, location=write_csv(calm_world / "past.csv", past_of(TASTES)))
    return arn


def ask(group_arn: str, name: str, recipe: str, **settings: object) -> SolutionVersion:
    given: dict[str, object] = {"hyperparameters": QUICK if recipe == NETWORK else {}, "event_weights": {}, **settings}
    arn = (
        get_backend("embedded")
        .control.ensure_solution_version(
            name,
            dataset_group_arn=group_arn,
            recipe=recipe,
            **given,  # type: ignore[arg-type]
        )
        .arn
    )
    return SolutionVersion.objects.get(arn=arn)


def train(version: SolutionVersion) -> SolutionVersion:
    training.train(version)
    version.refresh_from_db()
    assert version.status == Status.ACTIVE, version.failure_reason
    return version


def model_of(version: SolutionVersion) -> Recommender:
    return load(conf.artifacts_dir() / version.artifact_path).model


def test_fit_keeps_to_parts_of_seconds_without_a_budget_and_says_so(group_arn: str) -> None:
    version = train(ask(group_arn, "plain", BLEND))

    facts = version.training
    assert facts["budget_s"] is None
    assert facts["network"].startswith("hrnn takes no part: it trains for minutes")
    assert facts["network"].endswith("and no budget is given.")
    assert facts["warm_start"] == "It was trained afresh."
    assert set(facts["weights"]).isdisjoint(facts["left_out"])
    assert (facts["n_interactions"], facts["n_users"], facts["n_items"]) == (1200, 60, 32)
    assert facts["cpu_s"] > 0
    assert facts["peak_rss_mb"] > 10


def test_fit_lets_the_network_take_part_within_a_budget_and_says_what_came_of_it(group_arn: str) -> None:
    version = train(ask(group_arn, "rich", BLEND, budget_s=60.0))

    facts = version.training
    if "hrnn" in facts["weights"]:
        assert facts["network"] == f"hrnn takes part, with the weight {facts['weights']['hrnn']:g}."
    else:
        assert facts["network"] == "hrnn takes no part: it was given no weight."
    assert facts["cpu_s"] < 60
    assert not checkpoint_folder(version).exists()


def test_fit_goes_on_from_the_version_it_is_given(group_arn: str) -> None:
    first = train(ask(group_arn, "first", NETWORK))

    second = train(ask(group_arn, "second", NETWORK, warm_start_from=first.arn))

    assert first.training["network"] == "The network is the whole model."
    assert second.training["warm_start"] == f"The network went on from {first.arn}."
    old, new = model_of(first), model_of(second)
    assert isinstance(old, Hrnn)
    assert isinstance(new, Hrnn)
    assert len(new.curve_) < len(old.curve_)
    assert new.curve_[1, 1] < old.curve_[1, 1]


@pytest.mark.parametrize("fault", ["gone", "broken", "other size"])
def test_fit_begins_afresh_where_the_earlier_version_is_of_no_use(group_arn: str, fault: str) -> None:
    first = train(ask(group_arn, "first", NETWORK))
    if fault == "gone":
        SolutionVersion.objects.filter(pk=first.pk).delete()
    elif fault == "broken":
        (conf.artifacts_dir() / first.artifact_path / "model.project.npy").write_bytes(b"nothing")
    width = 48 if fault == "other size" else 32

    second = train(
        ask(
            group_arn,
            "second",
            NETWORK,
            warm_start_from=first.arn,
            hyperparameters=QUICK | {"hidden_dimension": width},
        )
    )

    assert second.training["warm_start"].startswith("It was trained afresh")


def test_fit_is_taken_up_where_its_trainer_died(group_arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "KEEP_EVERY_S", 0.0)
    whole = model_of(train(ask(group_arn, "whole", NETWORK)))
    version = ask(group_arn, "interrupted", NETWORK)
    notes: list[str] = []

    def die(share: float, note: str) -> None:
        if note.startswith("hrnn: step 21 "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(version, progress=die)
    left = list(checkpoint_folder(version).rglob("training.npz"))
    training.train(version, progress=lambda _, note: notes.append(note))

    version.refresh_from_db()
    assert len(left) == 1
    assert version.status == Status.ACTIVE
    assert not any("factorising" in note for note in notes)
    assert not checkpoint_folder(version).exists()
    for name, array in whole.learned_arrays().items():
        np.testing.assert_array_equal(array, model_of(version).learned_arrays()[name])


def test_fit_that_is_stopped_for_good_leaves_nothing_to_take_up(
    group_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "KEEP_EVERY_S", 0.0)
    monkeypatch.setattr(training, "REPORT_EVERY_S", 0.0)
    version = ask(group_arn, "stopped", NETWORK)

    def stop(share: float, note: str) -> None:
        if note.startswith("hrnn: step 21 "):
            get_backend("embedded").control.stop_training("stopped")

    training.train(version, progress=stop)

    version.refresh_from_db()
    assert version.status == Status.STOPPED
    assert not checkpoint_folder(version).exists()
