"""Runs: one active run a rotation, on the side that is not live."""

import pytest
from django.db import IntegrityError, transaction

from recommendations import conf
from recommendations.exceptions import InvalidInput
from recommendations.models import Deployment, RetrainRun, Rotation
from recommendations.pipeline.runs import ensure_default_rotation, get_rotation, start_run
from recommendations.retrain_status import RetrainStatus

pytestmark = pytest.mark.django_db


def test_default_rotation_is_made_once_and_left_alone() -> None:
    rotation = ensure_default_rotation()
    Rotation.objects.update(recipe="aws-popularity-count")

    again = ensure_default_rotation()

    assert (rotation.key, rotation.slot, rotation.backend) == ("home", "home-recommended", "embedded")
    assert again.recipe == "aws-popularity-count"


def test_start_run_gives_everybody_the_same_run() -> None:
    rotation = ensure_default_rotation()

    runs = {start_run(rotation).pk for _ in range(3)}

    assert len(runs) == 1
    assert RetrainRun.objects.get().colour == "maize"
    assert Deployment.objects.count() == 2


def test_database_lets_one_run_of_a_rotation_be_active() -> None:
    run = start_run(ensure_default_rotation())
    now = conf.now()

    with pytest.raises(IntegrityError, match="one_active_run_per_rotation"), transaction.atomic():
        RetrainRun.objects.create(rotation=run.rotation, colour="blue", created_at=now, updated_at=now)


def test_database_lets_no_run_end_without_a_time() -> None:
    run = start_run(ensure_default_rotation())
    run.status = RetrainStatus.FAILED

    with pytest.raises(IntegrityError, match="run_finished_with_its_status"), transaction.atomic():
        run.save()


def test_get_rotation_names_those_there_are() -> None:
    ensure_default_rotation()

    with pytest.raises(InvalidInput, match="there are: home"):
        get_rotation("nowhere")
