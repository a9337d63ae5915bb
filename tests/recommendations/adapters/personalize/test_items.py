"""PutItems as Amazon wants it: its names of columns, what is not known left out, the dataset looked up once."""

import json
from typing import Any

import pytest

from recommendations.adapters.personalize import items
from recommendations.exceptions import InvalidInput, ResourceNotFound
from recommendations.ports import Item


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was asked of Amazon: the group whose dataset was looked for, and what was put."""
    told: list[tuple[str, Any]] = []

    def find(group_arn: str, _kind: object) -> str | None:
        told.append(("find", group_arn))
        return None if group_arn == "empty" else f"{group_arn}/ITEMS"

    def send(operation: str, **parameters: Any) -> None:
        if parameters["datasetArn"] == "gone/ITEMS":
            raise ResourceNotFound("gone/ITEMS")
        told.append((operation, parameters))

    monkeypatch.setattr(items, "find_dataset", find)
    monkeypatch.setattr(items, "events", send)
    items._dataset_of.clear()
    return told


def test_properties_have_amazons_names_and_no_nulls() -> None:
    told = items.encode_properties({"CATEGORY_L1": "Caps", "BRAND": "Åre", "PRICE": None, "CREATION_TIMESTAMP": 17})

    assert json.loads(told) == {"categoryL1": "Caps", "brand": "Åre", "creationTimestamp": 17}


def test_items_go_in_one_request_to_a_dataset_that_is_looked_up_once(asked: list[tuple[str, Any]]) -> None:
    for _ in range(2):
        items.put_items("group", [Item("A", {"BRAND": "old"}), Item("B", {}), Item("A", {"BRAND": "new"})])

    sent = [{"itemId": "A", "properties": '{"brand": "new"}'}, {"itemId": "B", "properties": "{}"}]
    put = ("put_items", {"datasetArn": "group/ITEMS", "items": sent})
    assert asked == [("find", "group"), put, put]


def test_dataset_that_is_gone_is_looked_up_again(asked: list[tuple[str, Any]]) -> None:
    for _ in range(2):
        with pytest.raises(ResourceNotFound):
            items.put_items("gone", [Item("A", {})])
    with pytest.raises(ResourceNotFound, match="no Items dataset"):
        items.put_items("empty", [Item("A", {})])

    assert asked == [("find", "gone"), ("find", "gone"), ("find", "empty")]


def test_more_items_than_amazon_takes_are_refused(asked: list[tuple[str, Any]]) -> None:
    with pytest.raises(InvalidInput, match="at most 10"):
        items.put_items("group", [Item(f"I-{number}", {}) for number in range(11)])

    assert asked == []
