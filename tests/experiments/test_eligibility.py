from typing import Any

import pytest

from experiments.eligibility import NEVER, IllegalRules, Rule, is_eligible, read_rules

KNOWN = {"device": ("phone", "desktop"), "history": ("new", "returning")}
PHONE = {"attribute": "device", "is": ["phone"]}


def test_everybody_is_eligible_without_rules() -> None:
    assert is_eligible((), {})


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"device": "phone", "history": "new"}, True),
        ({"device": "phone", "history": "returning"}, True),
        ({"device": "desktop", "history": "new"}, False),
        ({"device": "phone"}, False),
        ({}, False),
    ],
)
def test_every_rule_must_be_met(attributes: dict[str, str], expected: bool) -> None:
    rules = read_rules([PHONE, {"attribute": "history", "is": ["new", "returning"]}], KNOWN)

    assert is_eligible(rules, attributes) is expected


def test_unreadable_rules_let_nobody_in() -> None:
    assert not is_eligible(NEVER, {"": "", "device": "phone"})


def test_read_rules_freezes_what_is_stored() -> None:
    assert read_rules([PHONE], KNOWN) == (Rule("device", frozenset({"phone"})),)
    assert read_rules([]) == ()


def test_read_rules_takes_any_name_where_the_project_does_not_say() -> None:
    assert read_rules([{"attribute": "country", "is": ["NL"]}]) == (Rule("country", frozenset({"NL"})),)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (None, "must be a list"),
        ({"device": "phone"}, "must be a list"),
        (["phone"], "rule 1 is 'phone', must have the two keys"),
        ([PHONE, {"attribute": "history"}], "rule 2 is .* must have the two keys"),
        ([{**PHONE, "not": ["tablet"]}], "must have the two keys"),
        ([{"attribute": "", "is": ["phone"]}], "rule 1: attribute is '', must be a name"),
        ([{"attribute": 7, "is": ["phone"]}], "rule 1: attribute is 7"),
        ([{"attribute": "device", "is": []}], r"rule 1: is \[\], must be a list of values"),
        ([{"attribute": "device", "is": "phone"}], "rule 1: is 'phone', must be a list"),
        ([{"attribute": "device", "is": [True]}], "must be a list of values"),
        ([PHONE, PHONE], "names 'device' twice: give all its values in one rule"),
        ([{"attribute": "colour", "is": ["red"]}], "'colour' is no fixed attribute, use one of"),
        ([{"attribute": "device", "is": ["phone", "tablet"]}], r"'device' is never 'tablet', use one of \['desktop'"),
        ([PHONE] * 11, "has 11 rules, may have 10"),
        ([{"attribute": "device", "is": [str(number) for number in range(51)]}], "has 51 values, may have 50"),
    ],
)
def test_read_rules_names_the_rule_and_the_fix(stored: Any, message: str) -> None:
    with pytest.raises(IllegalRules, match=message):
        read_rules(stored, KNOWN)
