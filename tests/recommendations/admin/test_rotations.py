"""An admin makes a rotation with a recipe, and disables one that nothing shows."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from recommendations.models import Rotation
from recommendations.pipeline.rotations import ensure_rotation, set_exploration, set_training_budget
from recommendations.ports import Exploration

pytestmark = pytest.mark.django_db

ADD = "/admin/recommendations/rotation/add/"
FORM = {
    "key": "home-popular",
    "slot": "home-recommended",
    "recipe": "aws-popularity-count",
    "hyperparameters": '{"half_life_days": 7}',
}


# What a browser sends of the tables below the form, which only show.
TABLES = {f"{table}-{total}_FORMS": "0" for table in ("deployments", "swaps") for total in ("TOTAL", "INITIAL")}


def change_url(key: str) -> str:
    return reverse("admin:recommendations_rotation_change", args=[key])


def test_rotation_is_made_with_a_recipe_to_choose(admin_client: Client) -> None:
    page = admin_client.get(ADD).content.decode()

    answer = admin_client.post(ADD, FORM, follow=True).content.decode()

    assert 'value="aws-user-personalization"' in page
    made = Rotation.objects.get()
    assert (made.key, made.slot, made.recipe) == ("home-popular", "home-recommended", "aws-popularity-count")
    assert made.hyperparameters == {"half_life_days": 7}
    assert "has no campaign yet" in answer


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "Home"}, "small letters"),
        ({"recipe": "aws-sims"}, "Select a valid choice"),
        ({"hyperparameters": '{"half_life_days": 0}'}, "half_life_days"),
        ({"hyperparameters": "[1]"}, "Give an object"),
        ({"hyperparameters": "{"}, "valid JSON"),
    ],
)
def test_wrong_field_is_told_and_nothing_made(admin_client: Client, changes: dict[str, Any], words: str) -> None:
    answer = admin_client.post(ADD, {**FORM, **changes})

    assert words in answer.content.decode()
    assert not Rotation.objects.exists()


def test_existing_key_is_not_taken_over(admin_client: Client) -> None:
    ensure_rotation("home-popular", "home-recommended", "aws-user-personalization")

    admin_client.post(ADD, FORM)

    assert Rotation.objects.get().recipe == "aws-user-personalization"


def test_unused_rotation_is_disabled_and_nothing_else_changes(admin_client: Client) -> None:
    ensure_rotation("other", "home-recommended", "aws-popularity-count")

    admin_client.post(change_url("other"), {**TABLES, "recipe": "aws-user-personalization", "slot": "x"})

    kept = Rotation.objects.get()
    assert (kept.is_active, kept.recipe, kept.slot) == (False, "aws-popularity-count", "home-recommended")


@pytest.mark.parametrize(("given", "kept"), [("300", 300), ("0", 0), ("", None), ("86401", 60), ("-1", 60), ("x", 60)])
def test_rotation_is_given_a_training_budget(admin_client: Client, given: str, kept: int | None) -> None:
    ensure_rotation("other", "home-recommended", "aws-popularity-count")
    set_training_budget("other", 60)

    admin_client.post(change_url("other"), {**TABLES, "is_active": "on", "training_budget_s": given})

    assert Rotation.objects.get().training_budget_s == kept


@pytest.mark.parametrize(
    ("weight", "days", "kept"),
    [
        ("0.5", "10", (0.5, 10)),
        ("0", "0", (0, 0)),
        ("", "", (0.2, 7)),
        ("1.1", "10", (0.2, 7)),
        ("0.5", "-1", (0.2, 7)),
    ],
)
def test_rotation_is_told_how_much_to_explore(
    admin_client: Client, weight: str, days: str, kept: tuple[float, float]
) -> None:
    ensure_rotation("other", "home-recommended", "aws-user-personalization")
    set_exploration("other", Exploration(0.2, 7))

    admin_client.post(
        change_url("other"),
        {**TABLES, "is_active": "on", "exploration_weight": weight, "exploration_age_cut_off_days": days},
    )

    changed = Rotation.objects.get()
    assert (changed.exploration_weight, changed.exploration_age_cut_off_days) == kept


def test_rotation_in_use_stays_enabled(admin_client: Client, settings: Settings) -> None:
    settings.ROTATION_USES = lambda _key: ["the window"]
    ensure_rotation("other", "home-recommended", "aws-popularity-count")

    answer = admin_client.post(change_url("other"), TABLES)

    assert "In use by the window" in answer.content.decode()
    assert Rotation.objects.get().is_active


def test_rotation_is_never_deleted(admin_client: Client) -> None:
    ensure_rotation("other", "home-recommended", "aws-popularity-count")

    answer = admin_client.post(reverse("admin:recommendations_rotation_delete", args=["other"]), {"post": "yes"})

    assert answer.status_code == 403
    assert Rotation.objects.exists()


def test_making_one_takes_the_permission(client: Client) -> None:
    viewer = get_user_model().objects.create_user("vera", password="x", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_rotation"))
    client.force_login(viewer)

    assert client.post(ADD, FORM).status_code == 403
