"""What a payload may ask for, and what becomes of one that nobody knows."""

from typing import Any

import pytest

from recommendations.models import Rotation
from storefront.second_row.payloads import (
    ALSO_POPULAR,
    TRENDING,
    FromRotation,
    read_or_fall_back,
    read_payload,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rotations() -> None:
    Rotation.objects.create(key="home", slot="home-recommended", recipe="aws-user-personalization")
    Rotation.objects.create(key="popular", slot="elsewhere", recipe="aws-popularity-count")
    Rotation.objects.create(key="asleep", slot="asleep", recipe="aws-sims", is_active=False)
    Rotation.objects.create(key="similar", slot="product-similar", recipe="aws-similar-items")


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"rule": "trending"}, TRENDING),
        ({"rule": "most-popular"}, ALSO_POPULAR),
        ({"slot": "home-recommended", "rotation": "home"}, FromRotation("home")),
        ({"slot": "home-recommended"}, FromRotation("home")),
        ({"slot": "elsewhere"}, FromRotation("popular")),
        ({"rotation": "other"}, FromRotation("other")),
        ({"recipe": "aws-popularity-count"}, FromRotation("popular")),
    ],
)
def test_payload_of_each_kind_is_read(payload: dict[str, Any], wanted: object) -> None:
    assert read_payload(payload) == wanted


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"rule": "newest"},
        {"rule": "trending", "rotation": "home"},
        {"rule": 1},
        {"rotation": ""},
        {"rotation": None},
        {"slot": "nowhere"},
        {"slot": "asleep"},
        {"recipe": "aws-sims"},
        {"recipe": "aws-similar-items"},
        {"slot": "product-similar"},
        {"recipe": "aws-popularity-count", "slot": "elsewhere"},
        {"colour": "blue"},
    ],
)
def test_payload_that_asks_for_nothing_known_is_none(payload: dict[str, Any]) -> None:
    assert read_payload(payload) is None


def test_unknown_payload_gets_controls_rule_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    control = {"rule": "most-popular"}

    wanted = [read_or_fall_back({"colour": "blue"}, control, variation="b") for _ in range(3)]

    assert wanted == [ALSO_POPULAR] * 3
    assert [record.__dict__["code"] for record in caplog.records] == ["payload_unknown"]


def test_experiment_without_payloads_keeps_the_homepage_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    assert read_or_fall_back({}, {}, variation="control") is TRENDING
    assert not caplog.records
