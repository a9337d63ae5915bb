"""A training's budget: the rotation's own, or the setting; none where either says 0."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.models.resources import SolutionVersion
from recommendations.pipeline.budgets import budget_of
from recommendations.pipeline.rotations import set_training_budget
from recommendations.pipeline.runs import ensure_default_rotation
from tests.factories.retraining import make_past, retrain


@pytest.mark.parametrize(
    ("own", "setting", "found"), [(None, 0, None), (None, 60, 60.0), (0, 60, None), (30, 60, 30.0), (30, 0, 30.0)]
)
def test_budget_is_the_rotations_own_or_the_setting(
    settings: Settings, own: int | None, setting: float, found: float | None
) -> None:
    settings.TRAINING_BUDGET_S = setting

    assert budget_of(Rotation(key="home", training_budget_s=own)) == found


@pytest.mark.django_db
def test_budget_refuses_more_than_a_day() -> None:
    ensure_default_rotation()

    with pytest.raises(InvalidInput, match="training_budget_s == 86401"):
        set_training_budget("home", 86_401)


@pytest.mark.django_db
def test_retrain_hands_budget_and_live_version_to_the_training(calm_world: Path) -> None:
    make_past()
    set_training_budget(ensure_default_rotation().key, 20)

    first, second = retrain(), retrain()

    versions = {each.solution.name: each for each in SolutionVersion.objects.select_related("solution")}
    mine, before = versions[second.resource_name], versions[first.resource_name]
    assert mine.solution.training_budget_s == 20.0
    assert (before.warm_start_from, mine.warm_start_from) == ("", before.arn)
    assert second.report["train"]["training"]["network"].endswith("and the budget is 20.")
    assert mine.metrics["splits"] == second.report["evaluate"]["splits"]
