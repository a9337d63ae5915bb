"""Reading filters: what Personalize's guide shows is read, and a fault is named with its place and its fix."""

from pathlib import Path

import pytest

from recommendations.engine.exceptions import InvalidFilter
from recommendations.engine.filters.checking import check_fields
from recommendations.engine.filters.columns import Kind
from recommendations.engine.filters.expressions import Expression, Field, Parameter
from recommendations.engine.filters.parsing import parse_filter

CHAINED = (
    "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*) | "
    'INCLUDE ItemID WHERE Items.L1 IN ($C) IF CurrentUser.AGE > 20 AND CurrentItem.BRAND = "x"'
)


def shapes_of(expression: Expression) -> list[tuple[bool, list[list[str]], list[list[str]]]]:
    """Each clause as it reads: does it include, and field and operator of each condition, group by group."""
    return [
        (
            clause.includes,
            [[f"{each.field} {each.operator}" for each in group.conditions] for group in clause.where.groups],
            [[f"{each.field} {each.operator}" for each in group.conditions] for group in clause.only_if.groups]
            if clause.only_if
            else [],
        )
        for clause in expression.clauses
    ]


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        (
            'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase", "watch")',
            [(False, [["Interactions.EVENT_TYPE IN"]], [])],
        ),
        (
            'include itemid where interactions.event_type not in ("*")',
            [(True, [["Interactions.EVENT_TYPE NOT IN"]], [])],
        ),
        (
            'INCLUDE ItemID WHERE Items.BRAND IN ("a") AND Items.PRICE <= 20.5 OR Items.PRICE != -1e3',
            [(True, [["Items.BRAND IN", "Items.PRICE <="], ["Items.PRICE !="]], [])],
        ),
        (
            CHAINED,
            [
                (False, [["Interactions.EVENT_TYPE IN"]], []),
                (True, [["Items.L1 IN"]], [["CurrentUser.AGE >", "CurrentItem.BRAND ="]]),
            ],
        ),
        (
            "INCLUDE ItemID WHERE Items.PRICE<CurrentItem.PRICE",
            [(True, [["Items.PRICE <"]], [])],
        ),
    ],
)
def test_parsing_reads_what_the_guide_shows(text: str, shapes: list[object]) -> None:
    parsed = parse_filter(text)

    assert shapes_of(parsed) == shapes


def test_parsing_keeps_the_values_as_they_are_written() -> None:
    (clause,) = parse_filter(r'INCLUDE ItemID WHERE Items.A IN ("it\"s, a | b", 12, $C, CurrentItem.A)').clauses
    (every,) = parse_filter("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)").clauses

    (condition,) = clause.conditions()

    assert condition.values == ('it"s, a | b', 12.0, Parameter("C"), Field("CurrentItem", "A", 58))
    assert next(every.conditions()).values == ("*",)


def test_parsing_knows_fields_and_parameters_of_the_whole_filter() -> None:
    text = (
        "INCLUDE ItemID WHERE Items.A IN ($X, $Y) IF CurrentUser.B = $X | EXCLUDE ItemID WHERE Items.A = CurrentItem.A"
    )

    parsed = parse_filter(text)

    assert list(parsed.fields()) == ["Items.A", "CurrentUser.B", "CurrentItem.A"]
    assert parsed.parameters() == {"X", "Y"}
    assert parsed.needs_item()
    assert not parse_filter("INCLUDE ItemID WHERE Items.A = 1").needs_item()


@pytest.mark.parametrize(
    ("text", "at", "fix"),
    [
        ("", 1, "begin with INCLUDE or EXCLUDE"),
        ("EXCLUDE", 8, "ItemID comes after"),
        ("EXCLUDE UserID WHERE Items.A = 1", 9, "recommendations filter ItemID"),
        ("EXCLUDE ItemID Items.A = 1", 16, "WHERE comes after ItemID"),
        ("EXCLUDE ItemID WHERE A = 1", 22, "name a field, Items.NAME or Interactions.EVENT_TYPE"),
        ("EXCLUDE ItemID WHERE Things.A = 1", 22, "there is no dataset Things"),
        ("EXCLUDE ItemID WHERE CurrentUser.A = 1", 22, "use Items.NAME"),
        ("EXCLUDE ItemID WHERE Items.A = 1 IF Items.B = 1", 37, "use CurrentUser.NAME"),
        ("EXCLUDE ItemID WHERE Interactions.VALUE = 1", 22, "only EVENT_TYPE"),
        ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE = "x"', 46, "IN and NOT IN only"),
        ('EXCLUDE ItemID WHERE Items.A LIKE "x"', 30, "after Items.A comes IN, NOT IN"),
        ('EXCLUDE ItemID WHERE Items.A NOT "x"', 34, "NOT comes before IN"),
        ('EXCLUDE ItemID WHERE Items.A IN "x"', 33, "stand in brackets"),
        ('EXCLUDE ItemID WHERE Items.A IN ("x" "y")', 38, "commas between"),
        ("EXCLUDE ItemID WHERE Items.A IN ()", 34, "a text in double quotes"),
        ("EXCLUDE ItemID WHERE Items.A IN (red)", 34, 'write the text as "red"'),
        ("EXCLUDE ItemID WHERE Items.A IN (*)", 34, "* stands for all event types"),
        ("EXCLUDE ItemID WHERE Items.A = 'x'", 32, "straight double quotes"),
        ('EXCLUDE ItemID WHERE Items.A = "x', 32, "close it"),
        ("EXCLUDE ItemID WHERE Items.A = $", 32, "a parameter is $ and a name"),
        ("EXCLUDE ItemID WHERE Items.A = 1 2", 34, "chain a further INCLUDE or EXCLUDE"),
        ("EXCLUDE ItemID WHERE Items.A = 1 |", 35, "begin with INCLUDE or EXCLUDE"),
        ("EXCLUDE ItemID WHERE (Items.A = 1)", 22, "cannot be grouped"),
        ('EXCLUDE ItemID WHERE Items.A = 1 AND Interactions.EVENT_TYPE IN ("x")', 22, "chain two expressions"),
        ("EXCLUDE ItemID WHERE Items.A = CurrentUser.A", 32, "write the text"),
        ("EXCLUDE ItemID WHERE Items.A = 1 ; DROP", 34, "means nothing here"),
    ],
)
def test_parsing_names_place_and_fix_of_a_fault(text: str, at: int, fix: str) -> None:
    with pytest.raises(InvalidFilter) as error:
        parse_filter(text)

    assert f"At character {at} of the filter" in str(error.value)
    assert fix in str(error.value)


def test_parsing_refuses_what_is_beyond_personalizes_limits() -> None:
    longest = 'EXCLUDE ItemID WHERE Items.A = "' + "x" * 2467 + '"'
    five = " AND ".join(f"Items.F{number} = 1" for number in range(5))

    parse_filter(longest)
    parse_filter(f"EXCLUDE ItemID WHERE {five}")

    with pytest.raises(InvalidFilter, match="2501 characters"):
        parse_filter(longest + " ")
    with pytest.raises(InvalidFilter, match="names 6 fields"):
        parse_filter(f"EXCLUDE ItemID WHERE {five} AND Items.F5 = 1")


def test_parsing_reads_every_filter_of_the_documents() -> None:
    page = (Path(__file__).parents[4] / "docs" / "filters.md").read_text()

    shown = [line for line in page.splitlines() if line.startswith(("INCLUDE ", "EXCLUDE "))]

    assert len(shown) >= 7
    items: dict[str, Kind] = {"CATEGORY_L1": "text", "BRAND": "text", "PRICE": "number", "CREATION_TIMESTAMP": "number"}
    for text in shown:
        check_fields(parse_filter(text), items, {"FAVOURITE_CATEGORY": "text"})
