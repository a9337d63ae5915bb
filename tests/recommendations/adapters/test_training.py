"""The trainer: one at a time, the dead replaced, progress told, failures explained."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from recommendations import conf
from recommendations.adapters.embedded import training
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import LeaseHeld
from recommendations.leases import claim
from recommendations.models import SolutionVersion
from recommendations.models.resources import Status
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])


@pytest.fixture
def pending(calm_world: Path) -> SolutionVersion:
    control = get_backend("embedded").control
    arn = control.ensure_dataset_group("training", tags={}).arn
    control.ensure_import("job", dataset_group_arn=arn, location=write_csv(calm_world / "past.csv", past_of(TASTES)))
    control.ensure_solution_version(
        "training", dataset_group_arn=arn, recipe="aws-user-personalization", hyperparameters={}, event_weights={}
    )
    return SolutionVersion.objects.get()


def folders(world: Path) -> list[str]:
    versions = world / "artifacts" / "training" / "versions"
    return sorted(path.name for path in versions.iterdir()) if versions.exists() else []


def test_train_makes_an_artifact_and_says_how_far_it_is(pending: SolutionVersion, calm_world: Path) -> None:
    shares: list[float] = []

    arn = training.train_next(progress=lambda share, _: shares.append(share))

    pending.refresh_from_db()
    assert (arn, pending.status, pending.progress) == (pending.arn, Status.ACTIVE, 1.0)
    assert folders(calm_world) == [f"{pending.pk}-{pending.fencing_token}"]
    assert shares == sorted(shares)
    assert len(shares) > 3
    assert training.train_next() is None


def test_train_leaves_a_version_to_the_trainer_that_has_it(pending: SolutionVersion) -> None:
    claim(pending, holder="elsewhere|1|1|1")

    with pytest.raises(LeaseHeld):
        training.train(pending)

    assert training.train_next() is None


def test_train_takes_over_from_a_trainer_that_died(pending: SolutionVersion) -> None:
    claim(pending, holder="elsewhere|1|1|1")
    SolutionVersion.objects.update(status=Status.IN_PROGRESS, lease_expires_at=conf.now() - timedelta(seconds=1))

    training.train_next()

    pending.refresh_from_db()
    assert pending.status == Status.ACTIVE
    assert pending.fencing_token == 2


def test_train_gives_up_on_what_keeps_killing_its_trainer(pending: SolutionVersion) -> None:
    SolutionVersion.objects.update(n_deaths=training.MAX_DEATHS + 1)

    training.train_next()

    pending.refresh_from_db()
    assert pending.status == Status.FAILED
    assert f"{training.MAX_DEATHS + 1} trainers died at it" in pending.failure_reason


def test_train_that_lost_its_lease_leaves_no_trace(
    pending: SolutionVersion, calm_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_over(share: float, note: str) -> None:
        SolutionVersion.objects.update(holder="elsewhere|1|1|1", fencing_token=77)

    training.train_next(progress=take_over)

    pending.refresh_from_db()
    assert (pending.status, pending.holder, pending.artifact_path) == (Status.IN_PROGRESS, "elsewhere|1|1|1", "")
    assert folders(calm_world) == []


def test_train_that_is_stopped_waits_for_the_next_trainer(pending: SolutionVersion) -> None:
    stop = threading.Event()

    training.train_next(progress=lambda share, _: stop.set() if share > 0.2 else None, should_stop=stop.is_set)

    pending.refresh_from_db()
    assert (pending.status, pending.holder) == (Status.PENDING, "")
    assert training.train_next() == pending.arn


def test_train_says_why_it_failed(pending: SolutionVersion, calm_world: Path) -> None:
    for path in (calm_world / "artifacts" / "training" / "imports" / "job").iterdir():
        path.unlink()

    training.train_next()

    pending.refresh_from_db()
    assert pending.status == Status.FAILED
    assert pending.failure_reason.startswith("Create failed. [Errno 2] No such file")
    assert training.train_next() is None
