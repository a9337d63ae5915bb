"""What requests give for parameters: Personalize's quoted lists, and clear refusals."""

import pytest

from recommendations.engine.exceptions import InvalidFilterValue
from recommendations.engine.filters.parsing import parse_filter
from recommendations.engine.filters.values import parse_values

INCLUDE = parse_filter("INCLUDE ItemID WHERE Items.BRAND IN ($B) AND Items.PRICE < $P")
EXCLUDE = parse_filter("EXCLUDE ItemID WHERE Items.BRAND IN ($B) AND Items.PRICE < $P")


def test_values_are_texts_in_quotes_and_numbers() -> None:
    parsed = parse_values(INCLUDE, {"B": r'"Northwold","a, \"b\""', "P": " 12.5 "})

    assert parsed == {"B": ("Northwold", 'a, "b"'), "P": (12.5,)}


def test_values_of_an_exclude_may_be_missing_and_those_of_an_include_not() -> None:
    parsed = parse_values(EXCLUDE, {"B": ""})

    assert parsed == {}
    with pytest.raises(InvalidFilterValue, match="lacks 'P'; an INCLUDE needs all"):
        parse_values(INCLUDE, {"B": '"a"'})
    with pytest.raises(InvalidFilterValue, match="lacks 'B'"):
        parse_values(INCLUDE, {"B": " ", "P": "1"})


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"C": '"a"'}, r"names 'C', which the filter has not. Parameters: B, P"),
        ({"B": "Northwold"}, r"filter_values\['B'\]: Northwold at character 1 is not expected; give texts in double"),
        ({"B": '"a" "b"'}, r"filter_values\['B'\]"),
        ({"B": '"a",'}, r"filter_values\['B'\]"),
        ({"B": '"a'}, r"filter_values\['B'\] cannot be read.*close it"),
        ({"B": '"a" , $C'}, r"\$C at character 7"),
        ({"P": "1,2"}, r"filter_values\['P'\] has several values; < takes one"),
        ({"B": '"' + "x" * 999 + '"'}, "has 1001 characters"),
        ({f"N{number}": "1" for number in range(26)}, "26 entries; give at most 25"),
    ],
)
def test_values_that_do_not_fit_are_named(given: dict[str, str], fault: str) -> None:
    with pytest.raises(InvalidFilterValue, match=fault):
        parse_values(EXCLUDE, given)
