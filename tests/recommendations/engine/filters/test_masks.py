"""Filters over a small catalogue: what passes, by hand and against a reading item by item."""

import itertools
import math
import random
from collections.abc import Collection

import numpy as np
import pytest

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.histories import EVENTS_PER_TYPE
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.exceptions import InvalidFilter, InvalidFilterValue
from recommendations.engine.filters.columns import ItemColumns
from recommendations.engine.filters.masks import Asking, ItemFilter
from recommendations.engine.filters.parsing import parse_filter
from recommendations.engine.interactions import Event

IDS = ("a", "b", "c", "d", "e")
METADATA = Metadata.build(
    ids=("a", "b", "c", "d"),
    created_at=(100, 200, 300, UNKNOWN_TIME),
    categorical={"BRAND": [("x",), ("y",), ("x", "y"), ()]},
    numerical={"PRICE": [10.0, 20.0, 30.0, math.nan]},
)
COLUMNS = ItemColumns(IDS, METADATA)
HISTORY = (Event("a", 1, "product_view"), Event("gone", 2, "purchase"), Event("b", 3, "purchase"), Event("a", 4, "bid"))
TRAITS = Traits({"CITY": ("oslo",)}, {"AGE": 30.0})


def passing(text: str, asking: Asking | None = None) -> str:
    item_filter = ItemFilter(parse_filter(text), COLUMNS, {"CITY": "text", "AGE": "number"})
    mask = item_filter.allowed(asking or Asking(HISTORY, TRAITS, "c"))
    return "".join(itertools.compress(IDS, mask.tolist()))


@pytest.mark.parametrize(
    ("where", "held"),
    [
        ('Items.BRAND IN ("x")', "ac"),
        ('Items.BRAND NOT IN ("x")', "bde"),
        ('Items.BRAND = "y"', "bc"),
        ('Items.BRAND != "y"', "ade"),
        ('Items.BRAND IN ("nobody")', ""),
        ("Items.PRICE > 10", "bc"),
        ("Items.PRICE >= 10 AND Items.PRICE < 30", "ab"),
        ("Items.PRICE != 20", "acde"),
        ("Items.PRICE IN (10, 30)", "ac"),
        ("Items.PRICE NOT IN (10, 30)", "bde"),
        ("Items.CREATION_TIMESTAMP <= 200", "ab"),
        ('Items.ITEM_ID IN ("b", "e", "gone")', "be"),
        ('Items.BRAND = "y" AND Items.PRICE < 25 OR Items.ITEM_ID = "e"', "be"),
        ('Interactions.EVENT_TYPE IN ("PURCHASE")', "b"),
        ('Interactions.EVENT_TYPE IN ("product_view", "bid")', "a"),
        ("Interactions.EVENT_TYPE IN (*)", "ab"),
        ('Interactions.EVENT_TYPE IN ("*")', "ab"),
        ("Interactions.EVENT_TYPE NOT IN (*)", "cde"),
        ('Interactions.EVENT_TYPE IN ("product_view") AND Interactions.EVENT_TYPE NOT IN ("bid")', ""),
        ("Items.BRAND IN (CurrentItem.BRAND)", "abc"),
        ("Items.PRICE < CurrentItem.PRICE", "ab"),
    ],
)
def test_masks_hold_what_the_where_says(where: str, held: str) -> None:
    included, excluded = passing(f"INCLUDE ItemID WHERE {where}"), passing(f"EXCLUDE ItemID WHERE {where}")

    assert included == held
    assert excluded == "".join(item for item in IDS if item not in held)


def test_masks_chain_clauses_and_heed_their_ifs() -> None:
    bought = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'

    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y"') == "c"
    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y" IF CurrentUser.AGE > 18') == "c"
    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y" IF CurrentUser.AGE > 40') == "acde"
    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y" IF CurrentUser.CITY IN ("oslo", "rom")') == "c"
    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y" IF CurrentItem.PRICE IN (10, 20)') == "acde"
    assert passing(f'{bought} | INCLUDE ItemID WHERE Items.BRAND = "y" IF CurrentUser.AGE NOT IN (1)') == "c"


def test_masks_take_a_user_without_attributes_as_one_without_values() -> None:
    for condition, is_applied in (("AGE > 18", False), ("AGE != 18", True), ("AGE NOT IN (30)", True)):
        found = passing(f"INCLUDE ItemID WHERE Items.PRICE = 10 IF CurrentUser.{condition}", Asking(HISTORY, None))

        assert found == ("a" if is_applied else "abcde"), condition


def test_masks_take_the_values_of_the_request() -> None:
    text = "INCLUDE ItemID WHERE Items.BRAND IN ($B) AND Items.PRICE < $P"

    assert passing(text, Asking(values={"B": '"x","y"', "P": "25"})) == "ab"
    assert passing(text, Asking(values={"B": '"y"', "P": '"35"'})) == "bc"
    with pytest.raises(InvalidFilterValue, match=r"filter_values\['P'\] is \"x\", and the field holds numbers"):
        passing(text, Asking(values={"B": '"y"', "P": '"x"'}))


def test_masks_leave_out_conditions_of_an_exclude_whose_value_is_missing() -> None:
    text = 'EXCLUDE ItemID WHERE Items.BRAND IN ($B) OR Items.PRICE < $P AND Items.BRAND = "y"'

    assert passing(text, Asking()) == "ade"
    assert passing(text, Asking(values={"B": '"x"'})) == "de"
    assert passing(text, Asking(values={"P": "15"})) == "abcde"
    assert passing("EXCLUDE ItemID WHERE Items.BRAND IN ($B)", Asking()) == "abcde"
    assert passing('EXCLUDE ItemID WHERE Items.BRAND = "x" IF CurrentUser.AGE = $A', Asking(HISTORY, TRAITS)) == "abcde"


def test_masks_want_a_current_item_to_compare_with() -> None:
    text = "INCLUDE ItemID WHERE Items.BRAND IN (CurrentItem.BRAND)"

    assert passing(text, Asking(item_id="not in the catalogue")) == ""
    assert passing(text, Asking(item_id="d")) == ""
    with pytest.raises(InvalidFilterValue, match="item_id is empty"):
        passing(text, Asking())


def test_masks_look_at_the_newest_hundred_interactions_of_each_type() -> None:
    newer = [Event("c", 10, "product_view")] * EVENTS_PER_TYPE
    text = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("product_view", "bid")'

    just_within = passing(text, Asking((*HISTORY, *newer[1:])))
    beyond = passing(text, Asking((Event("e", 0, "product_view"), *HISTORY[1:3], *newer)))

    assert just_within == "bde"
    assert beyond == "abde"


def test_masks_are_refused_for_columns_that_are_not_there() -> None:
    with pytest.raises(InvalidFilter, match=r"no Items\.COLOUR"):
        passing('INCLUDE ItemID WHERE Items.COLOUR = "x"')
    with pytest.raises(InvalidFilter, match=r"no Items\.BRAND"):
        ItemFilter(parse_filter('INCLUDE ItemID WHERE Items.BRAND = "x"'), ItemColumns(IDS))


def test_masks_of_one_filter_do_not_leak_into_the_next_request() -> None:
    text = 'EXCLUDE ItemID WHERE Items.BRAND = "y" | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)'
    item_filter = ItemFilter(parse_filter(text), COLUMNS)

    masks = [item_filter.allowed(Asking(history)).tolist() for history in (HISTORY, (), HISTORY)]

    assert masks == [[False, False, False, True, True], [True, False, False, True, True], masks[0]]
    with pytest.raises(ValueError, match="read-only"):
        ItemFilter(parse_filter('EXCLUDE ItemID WHERE Items.BRAND = "y"'), COLUMNS).allowed(Asking())[0] = True


OPERATORS = {
    "=": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "<": lambda have, want: have < want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    ">=": lambda have, want: have >= want,
}


@pytest.mark.parametrize("seed", range(40))
def test_masks_agree_with_reading_every_item_by_itself(seed: int) -> None:
    draw = random.Random(seed)
    n_items = 50
    ids = [f"i{number:02}" for number in range(n_items)]
    brands = [draw.sample("uvwxyz", draw.randrange(4)) for _ in ids]
    prices = [draw.choice([math.nan, *range(8)]) for _ in ids]
    metadata = Metadata.build(ids, categorical={"BRAND": brands}, numerical={"PRICE": prices})
    history = [Event(draw.choice(ids), when, draw.choice(["view", "buy", "bid"])) for when in range(30)]

    def condition() -> tuple[str, list[bool]]:
        """A condition, and for which items it holds."""
        kind, negated = draw.randrange(3), draw.random() < 0.5
        if kind == 0:
            wanted = set(draw.sample("uvwxyz", 2))
            text = f"Items.BRAND {'NOT ' * negated}IN ({', '.join(map(repr, sorted(wanted)))})".replace("'", '"')
            return text, [bool(wanted & set(brand)) is not negated for brand in brands]
        name, bound = draw.choice(list(OPERATORS)), draw.randrange(8)
        return f"Items.PRICE {name} {bound}", [OPERATORS[name](price, bound) for price in prices]

    def clause() -> tuple[str, list[bool]]:
        groups = [[condition() for _ in range(draw.randrange(1, 4))] for _ in range(draw.randrange(1, 4))]
        text = " OR ".join(" AND ".join(words for words, _ in group) for group in groups)
        holds = [any(all(held[item] for _, held in group) for group in groups) for item in range(n_items)]
        if draw.random() < 0.3:
            kinds = draw.sample(["view", "buy", "bid"], 2)
            text = f'Interactions.EVENT_TYPE IN ("{kinds[0]}", "{kinds[1]}")'
            holds = [any(event.item_id == item and event.event_type in kinds for event in history) for item in ids]
        includes = draw.random() < 0.5
        verb = "INCLUDE" if includes else "EXCLUDE"
        return f"{verb} ItemID WHERE {text}", [held is includes for held in holds]

    clauses = [clause() for _ in range(draw.randrange(1, 4))]
    text = " | ".join(words for words, _ in clauses)
    expected = [all(passes[item] for _, passes in clauses) for item in range(n_items)]

    allowed = ItemFilter(parse_filter(text), ItemColumns(ids, metadata)).allowed(Asking(history))

    assert allowed.tolist() == expected, text
    assert allowed.dtype == np.bool_


def test_masks_pass_given_items_in_their_order_known_or_not() -> None:
    bought = ItemFilter(parse_filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'), COLUMNS)
    branded = ItemFilter(parse_filter('INCLUDE ItemID WHERE Items.BRAND NOT IN ("x")'), COLUMNS)
    named = ItemFilter(parse_filter('INCLUDE ItemID WHERE Items.ITEM_ID IN ("new", "c")'), COLUMNS)
    given = ("gone", "c", "new", "b", "a")

    found = [each.passing(given, Asking(HISTORY)) for each in (bought, branded, named)]

    assert found == [("c", "new", "a"), ("gone", "new", "b"), ("c", "new")]


def test_masks_look_at_older_interactions_of_the_types_that_matter() -> None:
    asked: list[object] = []

    def older(event_types: Collection[str] | None) -> list[str]:
        asked.append(event_types)
        return ["d", "gone"]

    bought = passing('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase")', Asking(HISTORY, older=older))
    touched = passing("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)", Asking(HISTORY, older=older))
    passing('INCLUDE ItemID WHERE Items.BRAND = "y"', Asking(HISTORY, older=older))

    assert (bought, touched) == ("ace", "ce")
    assert asked == [{"purchase"}, None]
