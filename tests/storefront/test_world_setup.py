"""What a world is given before it is served."""

import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from experiments.models import Experiment, Status
from recommendations.events.partitions import ensure_current
from recommendations.events.store import store
from recommendations.models import Rotation
from recommendations.pipeline import nights
from storefront import world_setup
from storefront.page_rotations import PAGE_ROTATIONS, ensure_page_rotations
from storefront.simulation.experiments import draft, finished
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.world_setup import fill_demo_experiments, training_first_campaign
from tests.factories.catalog import make_product_for_sale
from tests.factories.events import make_interaction
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime
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


def test_page_rotations_wait_for_something_to_train_on() -> None:
    make_product_for_sale()

    ensure_page_rotations()

    assert not Rotation.objects.exists()


def test_page_rotations_are_made_once_and_trained_by_the_next_tick() -> None:
    stock_with_a_past()
    ensure_page_rotations()
    Rotation.objects.filter(key="similar").update(hyperparameters={"window": 5})

    ensure_page_rotations()
    begun = nights.start_due_runs()

    made = {rotation.key: (rotation.slot, rotation.recipe) for rotation in Rotation.objects.all()}
    assert made == dict(PAGE_ROTATIONS)
    assert Rotation.objects.get(key="similar").hyperparameters == {"window": 5}
    assert {run.rotation_id for run in begun} == set(PAGE_ROTATIONS)


def stock_with_a_past() -> None:
    ensure_current()
    store([make_interaction(item_id=make_product_for_sale().sku)])


def train_with(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command that trains be a script of the test's own."""
    manage = folder / "manage.py"
    manage.write_text(f"import sys, time\nfrom pathlib import Path\n{script}")
    monkeypatch.setattr(world_setup, "MANAGE", manage)


@pytest.mark.parametrize(("code", "n_told"), [(0, 1), (1, 2)])
def test_first_campaign_is_trained_beside_the_rest_and_its_end_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, n_told: int
) -> None:
    stock_with_a_past()
    script = f"while not Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\nsys.exit({code})"
    train_with(script, tmp_path, monkeypatch)
    told: list[str] = []

    with training_first_campaign(told.append):
        (tmp_path / "go").touch()

    assert told[0] == "First campaign of home"
    assert len(told) == n_told
    assert "manage.py retrain" in told[-1] or code == 0


def test_first_campaign_is_let_go_where_the_rest_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock_with_a_past()
    train_with("time.sleep(600)", tmp_path, monkeypatch)
    began_s = time.monotonic()

    with pytest.raises(OSError, match="full"), training_first_campaign(lambda _: None):
        raise OSError("the disk is full")

    assert time.monotonic() - began_s < 60


@pytest.mark.parametrize("lacking", ["products", "interactions", "nothing"])
def test_no_campaign_is_trained_where_there_is_one_or_nothing_to_train_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    train_with("sys.exit(1)", tmp_path, monkeypatch)
    if lacking == "interactions":
        make_product_for_sale()
    elif lacking == "nothing":
        stock_with_a_past()
        serve_rotation(monkeypatch, "home", FakeRuntime())
    told: list[str] = []

    with training_first_campaign(told.append):
        pass

    assert told == []
