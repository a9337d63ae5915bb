from pathlib import Path

import pytest
from pytest_django import Settings

from recommendations.adapters import ledger
from recommendations.adapters.embedded.control import EmbeddedControlPlane
from recommendations.adapters.embedded.training import train_next
from recommendations.adapters.paid import PaidControlPlane
from recommendations.adapters.personalize.costs import tps_usd, training_usd
from recommendations.exceptions import BudgetExceeded, InvalidInput, ResourceNotReady
from recommendations.models import DatasetImportJob, PaidAct, SolutionVersion
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db

NAME = "home-fresh-maize-7"
RECIPE = "aws-user-personalization"
TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])


@pytest.fixture
def control() -> PaidControlPlane:
    return PaidControlPlane(EmbeddedControlPlane())


def write_past(folder: Path) -> Path:
    return write_csv(folder / "past.csv", past_of(TASTES))


def import_past(control: PaidControlPlane, folder: Path) -> str:
    group = control.ensure_dataset_group(NAME, tags={})
    control.ensure_import(NAME, dataset_group_arn=group.arn, location=write_past(folder))
    return group.arn


def train(control: PaidControlPlane, group_arn: str, recipe: str = RECIPE) -> str:
    version = control.ensure_solution_version(
        NAME, dataset_group_arn=group_arn, recipe=recipe, hyperparameters={}, event_weights={}
    )
    return version.arn


def test_import_is_priced_by_its_bytes_and_counts_its_rows(control: PaidControlPlane, calm_world: Path) -> None:
    import_past(control, calm_world)

    act = PaidAct.objects.get()
    assert (act.kind, act.owner, act.group_name) == (PaidAct.Kind.IMPORT, "home-fresh", NAME)
    assert act.n_rows == len(past_of(TASTES))
    assert act.usd == pytest.approx((calm_world / "past.csv").stat().st_size / 1e9 * 0.05)


def test_training_is_priced_by_the_rows_that_were_imported(control: PaidControlPlane, calm_world: Path) -> None:
    group_arn = import_past(control, calm_world)

    train(control, group_arn)

    act = PaidAct.objects.get(kind=PaidAct.Kind.TRAINING)
    assert act.usd == pytest.approx(training_usd(len(past_of(TASTES)), RECIPE))


def test_prices_are_those_of_the_settings(control: PaidControlPlane, calm_world: Path, settings: Settings) -> None:
    settings.PERSONALIZE_PRICES = {"gb": 5.0}

    import_past(control, calm_world)

    assert PaidAct.objects.get().usd == pytest.approx((calm_world / "past.csv").stat().st_size / 1e9 * 5.0)


def test_repeating_a_step_pays_once(control: PaidControlPlane, calm_world: Path) -> None:
    group_arn = import_past(control, calm_world)
    train(control, group_arn)

    import_past(control, calm_world)
    train(control, group_arn)

    assert sorted(PaidAct.objects.values_list("kind", flat=True)) == ["import", "training"]


def test_campaign_costs_by_the_hour_until_its_group_is_gone(
    control: PaidControlPlane, calm_world: Path, settings: Settings
) -> None:
    settings.PERSONALIZE_MIN_TPS = 3
    group_arn = import_past(control, calm_world)
    version_arn = train(control, group_arn)
    train_next()
    control.ensure_campaign(NAME, solution_version_arn=version_arn)
    assert [act.usd_an_hour for act in ledger.open_campaigns()] == [pytest.approx(3 * tps_usd(RECIPE))]

    assert control.delete_dataset_group(group_arn)

    assert not ledger.open_campaigns().exists()


def test_group_that_somebody_else_deleted_costs_nothing_any_more(control: PaidControlPlane, calm_world: Path) -> None:
    group_arn = import_past(control, calm_world)
    version_arn = train(control, group_arn)
    train_next()
    control.ensure_campaign(NAME, solution_version_arn=version_arn)
    control.inner.delete_dataset_group(group_arn)

    assert control.find_dataset_group(NAME) is None

    assert not ledger.open_campaigns().exists()


def test_budget_refuses_before_anything_is_made(
    control: PaidControlPlane, calm_world: Path, settings: Settings
) -> None:
    group_arn = import_past(control, calm_world)
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 0.01

    with pytest.raises(BudgetExceeded, match=f"The training {NAME}"):
        train(control, group_arn)

    assert not SolutionVersion.objects.exists()
    assert not PaidAct.objects.filter(kind=PaidAct.Kind.TRAINING).exists()


def test_what_the_backend_refuses_is_taken_back(control: PaidControlPlane, calm_world: Path) -> None:
    group = control.ensure_dataset_group(NAME, tags={})

    with pytest.raises(InvalidInput):
        control.ensure_import(NAME, dataset_group_arn=group.arn, location=calm_world / "missing.csv")

    assert not PaidAct.objects.exists()
    assert not DatasetImportJob.objects.exists()


def test_what_may_be_asked_again_stays(control: PaidControlPlane, calm_world: Path) -> None:
    group_arn = import_past(control, calm_world)
    version_arn = train(control, group_arn)

    with pytest.raises(ResourceNotReady):
        control.ensure_campaign(NAME, solution_version_arn=version_arn)

    assert ledger.open_campaigns().filter(name=NAME).exists()


def test_acts_of_any_names_are_kept_by_their_group(control: PaidControlPlane, calm_world: Path) -> None:
    group_arn = control.ensure_dataset_group("by-hand", tags={}).arn
    control.ensure_import("first-job", dataset_group_arn=group_arn, location=write_past(calm_world))
    version = control.ensure_solution_version(
        "my-solution", dataset_group_arn=group_arn, recipe=RECIPE, hyperparameters={}, event_weights={}
    )
    train_next()

    control.ensure_campaign("my-campaign", solution_version_arn=version.arn)

    acts = PaidAct.objects.values_list("name", "group_name", "owner")
    assert list(acts) == [(name, "by-hand", "by-hand") for name in ("first-job", "my-solution", "my-campaign")]
    assert PaidAct.objects.get(name="my-solution").n_rows == len(past_of(TASTES))
