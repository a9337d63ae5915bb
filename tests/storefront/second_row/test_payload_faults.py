"""What is wrong with a payload is told by field, with what there is instead."""

import json
from typing import Any

import pytest

from recommendations.pipeline.rotations import ensure_rotation, set_enabled
from storefront.second_row.payload_faults import find_faults
from storefront.second_row.payload_rules import RowPayloads
from storefront.second_row.payloads import read_payload
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rotations(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_rotation(monkeypatch, "home", FakeRuntime(), recipe="aws-user-personalization")
    ensure_rotation("unborn", "home-recommended", "aws-popularity-count")
    serve_rotation(monkeypatch, "asleep", FakeRuntime(), slot="elsewhere", recipe="aws-trending-now")
    set_enabled("asleep", is_enabled=False)
    serve_rotation(monkeypatch, "similar", FakeRuntime(), slot="product-similar", recipe="aws-similar-items")


def test_examples_of_the_kinds_are_payloads_without_a_fault() -> None:
    rules = RowPayloads()

    for kind in rules.list_kinds():
        payload = json.loads(kind.example)
        assert kind.name in payload
        assert rules.find_faults(payload, "ab") == []
        assert read_payload(payload) is not None


@pytest.mark.parametrize(
    ("payload", "field", "fix"),
    [
        ({}, "payload", "rule, rotation, slot, recipe"),
        ({"colour": "blue"}, "colour", "use one of"),
        ({"rule": 3}, "rule", "must be a text"),
        ({"rotation": ""}, "rotation", "must be a text"),
        ({"rule": "newest"}, "rule", "trending, most-popular"),
        ({"rule": "trending", "rotation": "home"}, "rule", "drop rotation"),
        ({"recipe": "aws-user-personalization", "slot": "home-recommended"}, "recipe", "drop slot"),
        ({"recipe": "aws-sims"}, "recipe", "aws-popularity-count, aws-user-personalization"),
        ({"recipe": "aws-similar-items"}, "recipe", "aws-popularity-count, aws-user-personalization"),
        ({"slot": "nowhere"}, "slot", "home-recommended"),
        ({"slot": "product-similar"}, "slot", "use one of home-recommended."),
        ({"rotation": "similar"}, "rotation", "use one of asleep, home, unborn."),
        ({"rotation": "nobody"}, "rotation", "asleep, home, unborn"),
        ({"rotation": "home", "slot": "elsewhere"}, "slot", "serves 'home-recommended'"),
        ({"rotation": "asleep"}, "rotation", "enable it first"),
        ({"rotation": "unborn"}, "rotation", "manage.py retrain unborn"),
    ],
)
def test_fault_names_the_field_and_the_fix(payload: dict[str, Any], field: str, fix: str) -> None:
    (fault,) = find_faults(payload)

    assert fault.startswith(f"{field}:")
    assert fix in fault


def test_interleaving_takes_campaigns_alone() -> None:
    rules = RowPayloads()

    (fault,) = rules.find_faults({"rule": "trending"}, "interleaving")

    assert fault.startswith("rule:")
    assert rules.find_faults({"rotation": "home"}, "interleaving") == []
