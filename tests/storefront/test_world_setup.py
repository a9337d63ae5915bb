"""What a world is given before it is served."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from experiments.models import Experiment, Status
from recommendations.models import Rotation
from recommendations.pipeline import nights
from storefront.page_rotations import PAGE_ROTATIONS, ensure_page_rotations
from storefront.simulation.experiments import draft, finished
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.world_setup import fill_demo_experiments
from tests.storefront.imports.shop_files import FEES, ITEM_COLUMNS, write_items

pytestmark = pytest.mark.django_db


def test_demo_that_has_its_finished_experiment_is_given_the_draft_alone_and_once() -> None:
    finished.define(TrialParameters(), starts_at=settings.CLOCK.now() - timedelta(days=63))
    told: list[str] = []

    fill_demo_experiments(told.append)
    fill_demo_experiments(told.append)

    assert told == []
    assert Experiment.objects.get(key=draft.KEY).status == Status.DRAFT
    assert Rotation.objects.get(key=draft.ROTATION).is_active
    assert Experiment.objects.count() == 2


def test_imported_shop_gets_no_experiment_of_the_demo_and_opens(tmp_path: Path) -> None:
    call_command("import_catalog", str(write_items(tmp_path)), *ITEM_COLUMNS, *FEES, stdout=StringIO())
    told: list[str] = []

    fill_demo_experiments(told.append)

    assert told[-1].startswith("No simulated experiment: ")
    assert not Experiment.objects.exists()
    assert not Rotation.objects.exists()


def test_page_rotations_are_made_once_and_trained_by_the_next_tick() -> None:
    ensure_page_rotations()
    Rotation.objects.filter(key="similar").update(hyperparameters={"window": 5})

    ensure_page_rotations()
    begun = nights.start_due_runs()

    made = {rotation.key: (rotation.slot, rotation.recipe) for rotation in Rotation.objects.all()}
    assert made == dict(PAGE_ROTATIONS)
    assert Rotation.objects.get(key="similar").hyperparameters == {"window": 5}
    assert {run.rotation_id for run in begun} == set(PAGE_ROTATIONS)
