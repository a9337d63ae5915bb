"""Filters against the columns there are: unknown fields and wrong kinds are refused where they stand."""

import pytest

from recommendations.engine.exceptions import InvalidFilter
from recommendations.engine.filters.checking import check_fields
from recommendations.engine.filters.columns import Kind
from recommendations.engine.filters.parsing import parse_filter

ITEMS: dict[str, Kind] = {"ITEM_ID": "text", "BRAND": "text", "PRICE": "number"}
USERS: dict[str, Kind] = {"AGE": "number", "CITY": "text"}


@pytest.mark.parametrize(
    "where",
    [
        'Items.BRAND IN ("a", $B) AND Items.PRICE > 3',
        'Items.PRICE = "12.50"',
        "Items.PRICE IN (1, 2) OR Items.ITEM_ID = $ITEM",
        'Items.BRAND = CurrentItem.BRAND IF CurrentUser.AGE >= 18 AND CurrentUser.CITY != "b"',
        'Interactions.EVENT_TYPE IN ("anything")',
    ],
)
def test_checking_lets_pass_what_fits(where: str) -> None:
    check_fields(parse_filter(f"INCLUDE ItemID WHERE {where}"), ITEMS, USERS)


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ('Items.COLOUR = "x"', r"At character 22 .*no Items.COLOUR. Fields: BRAND, ITEM_ID, PRICE. Import it"),
        ('Items.brand = "x"', "no Items.brand"),
        ("Items.BRAND = CurrentItem.COLOUR", "At character 36 .*no CurrentItem.COLOUR"),
        ('Items.BRAND = "x" IF CurrentUser.NAME = "x"', "no CurrentUser.NAME. Fields: AGE, CITY"),
        ('Items.BRAND < "x"', "Items.BRAND holds texts, which < cannot compare"),
        ("Items.BRAND IN (42)", 'is 42, and the field holds texts; write "42"'),
        ('Items.PRICE > "cheap"', 'is "cheap", and the field holds numbers'),
        ("Items.PRICE < CurrentItem.BRAND", "At character 36 .*CurrentItem.BRAND holds texts and Items.PRICE numbers"),
        ("Interactions.EVENT_TYPE IN (3)", 'write "3"'),
    ],
)
def test_checking_names_a_field_that_does_not_fit(where: str, fault: str) -> None:
    with pytest.raises(InvalidFilter, match=fault):
        check_fields(parse_filter(f"INCLUDE ItemID WHERE {where}"), ITEMS, USERS, fix="Import it.")
