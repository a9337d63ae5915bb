"""A rotation is in use by its slot and by experiments that shoppers are in."""

from collections.abc import Callable

import pytest

from experiments import switches
from recommendations.pipeline.rotations import ensure_rotation
from storefront.page_rotations import PAGE_ROTATIONS
from storefront.rotation_uses import find_uses
from storefront.row_experiments import EXPERIMENT
from tests.factories.second_row import run_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rotations() -> None:
    ensure_rotation("home", "home-recommended", "aws-user-personalization")
    ensure_rotation("other", "home-recommended", "aws-popularity-count")


def test_homepage_uses_its_own_rotation() -> None:
    assert find_uses("home") == ["the slot home-recommended"]
    assert find_uses("other") == []


def test_running_experiment_uses_what_its_payloads_come_to() -> None:
    run_experiment({"rule": "trending"}, {"recipe": "aws-popularity-count"})

    assert find_uses("other") == ["variation treatment of recommended-for-you"]


@pytest.mark.parametrize("end", [switches.complete, switches.stop])
def test_experiment_that_nobody_is_in_uses_nothing(end: Callable[..., object]) -> None:
    run_experiment({"rule": "trending"}, {"rotation": "other"})

    end(EXPERIMENT, actor="ann", reason="a test")

    assert find_uses("other") == []


def test_shipped_experiment_uses_what_it_shipped() -> None:
    run_experiment({"rotation": "home"}, {"rotation": "other"})
    switches.complete(EXPERIMENT, actor="ann", reason="a test")
    switches.ship(EXPERIMENT, actor="ann", reason="a test")

    assert find_uses("other") == ["variation treatment of recommended-for-you"]
    assert find_uses("home") == ["the slot home-recommended"]


def test_pages_use_the_rotations_that_they_ask_by_name() -> None:
    uses = {key: find_uses(key) for key in PAGE_ROTATIONS}

    assert uses == {
        "similar": ["the product page"],
        "ranking": ["the order For You of search and categories"],
    }
