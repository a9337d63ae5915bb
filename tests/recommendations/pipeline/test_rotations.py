"""Rotations are made once, checked at the door, and sleep only where nothing shows them."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.pipeline.rotations import ensure_rotation, set_enabled
from recommendations.pipeline.runs import ensure_default_rotation
from recommendations.serving.rotations import find_rotation

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {"key": "home-popular", "slot": "home-recommended", "recipe": "aws-popularity-count"}


def test_rotation_is_made_once_and_found_by_its_recipe() -> None:
    assert find_rotation(recipe="aws-popularity-count") is None

    made, again = ensure_rotation(**GOOD), ensure_rotation(**GOOD)

    assert made == again
    assert (made.backend, made.is_active, made.hyperparameters) == ("embedded", True, {})
    assert find_rotation(recipe="aws-popularity-count") == "home-popular"


def test_hyperparameters_may_change_and_nothing_else() -> None:
    ensure_rotation(**GOOD)

    changed = ensure_rotation(**GOOD, hyperparameters={"half_life_days": 7})

    assert changed.hyperparameters == {"half_life_days": 7}
    for name, value in (("slot", "elsewhere"), ("recipe", "aws-user-personalization")):
        with pytest.raises(InvalidInput, match=name):
            ensure_rotation(**{**GOOD, name: value})
    assert Rotation.objects.get() == changed


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"key": ""}, "key"),
        ({"key": "Home Popular"}, "key"),
        ({"key": "x" * 41}, "key"),
        ({"slot": "-"}, "slot"),
        ({"recipe": "aws-sims"}, "recipe"),
        ({"backend": "paper"}, "backend"),
        ({"hyperparameters": {"half_life": 7}}, "half_life"),
        ({"hyperparameters": {"half_life_days": "long"}}, "half_life_days"),
        ({"hyperparameters": {"half_life_days": 0}}, "half_life_days"),
    ],
)
def test_rotation_that_no_retrain_could_build_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        ensure_rotation(**{**GOOD, **changes})

    assert not Rotation.objects.exists()


def test_rotation_in_use_is_not_disabled(settings: Settings) -> None:
    settings.ROTATION_USES = lambda key: [f"the window of {key}"]
    ensure_rotation(**GOOD)

    with pytest.raises(InvalidInput, match="the window of home-popular"):
        set_enabled("home-popular", is_enabled=False)

    assert Rotation.objects.get().is_active


def test_rotation_that_nothing_shows_is_disabled_and_enabled_again() -> None:
    ensure_rotation(**GOOD)

    set_enabled("home-popular", is_enabled=False)
    found_asleep = find_rotation(recipe="aws-popularity-count")
    set_enabled("home-popular", is_enabled=True)

    assert found_asleep is None
    assert find_rotation(recipe="aws-popularity-count") == "home-popular"


def test_unknown_rotation_is_named() -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        set_enabled("nowhere", is_enabled=False)


def test_rotation_that_names_no_backend_is_made_where_the_settings_say(settings: Settings) -> None:
    settings.RECOMMENDER_BACKEND, settings.PERSONALIZE_RECIPE = "personalize", "aws-user-personalization-v2"

    home, popular = ensure_default_rotation(), ensure_rotation(**GOOD)
    here = ensure_rotation("here", "home-recommended", "aws-popularity-count", backend="embedded")

    assert (home.backend, home.recipe) == ("personalize", "aws-user-personalization-v2")
    assert (popular.backend, here.backend) == ("personalize", "embedded")


def test_third_pair_at_a_backend_that_bills_is_refused(settings: Settings) -> None:
    settings.RECOMMENDER_BACKEND = "personalize"
    ensure_default_rotation()
    ensure_rotation(**GOOD)

    with pytest.raises(InvalidInput, match="has the rotations home, home-popular already"):
        ensure_rotation("third", "home-recommended", "aws-popularity-count")

    assert ensure_rotation(**GOOD).key == "home-popular"
    assert Rotation.objects.count() == 2
    assert (
        ensure_rotation("third", "home-recommended", "aws-popularity-count", backend="embedded").backend == "embedded"
    )
