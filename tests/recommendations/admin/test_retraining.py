"""The pages of rotations and runs: they show what is live and what happened, and change nothing."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def run() -> RetrainRun:
    make_past()
    return retrain()


def test_rotations_show_what_is_live(run: RetrainRun, admin_client: Client) -> None:
    listed = admin_client.get(reverse("admin:recommendations_rotation_changelist")).content.decode()
    one = admin_client.get(reverse("admin:recommendations_rotation_change", args=["home"])).content.decode()

    assert "Maize" in listed
    assert f"campaign/{run.resource_name}" in one
    assert "held-out users" in one


def test_runs_show_their_steps(run: RetrainRun, admin_client: Client) -> None:
    listed = admin_client.get(reverse("admin:recommendations_retrainrun_changelist")).content.decode()
    one = admin_client.get(reverse("admin:recommendations_retrainrun_change", args=[run.pk])).content.decode()

    assert "1,200" in listed
    assert "20 shoppers got 12 items each" in one


def test_failed_run_says_why_and_what_to_do(admin_client: Client) -> None:
    run = advance_to(RetrainStatus.FAILED)

    one = admin_client.get(reverse("admin:recommendations_retrainrun_change", args=[run.pk])).content.decode()

    assert "No interaction with a listed product" in one
    assert "RETRAIN_WINDOW_DAYS" in one


def test_runs_are_not_made_by_hand(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:recommendations_retrainrun_add")).status_code == 403
    assert not Rotation.objects.exists()
