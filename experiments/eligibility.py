"""Pure rules on who may take part, by facts known of a unit before it sees anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_RULES = 10
MAX_VALUES = 50
MAX_LENGTH = 64
EXAMPLE = '[{"attribute": "device", "is": ["phone"]}]'


class IllegalRules(ValueError):
    """Rules that cannot be read or can never be met; the message names the rule and the fix."""

    code = "eligibility_invalid"


@dataclass(frozen=True, slots=True)
class Rule:
    """One fact that must be one of some values; a unit of which it is not known does not meet it."""

    attribute: str
    values: frozenset[str]


# Met by nobody.
NEVER = (Rule("", frozenset()),)


def is_eligible(rules: Iterable[Rule], attributes: Mapping[str, str]) -> bool:
    """Whether a unit meets every rule.

    Args:
        rules: None of them lets everybody in.
        attributes: What was known of the unit before the exposure, by name; never what a variation can change.
    """
    return all(attributes.get(rule.attribute) in rule.values for rule in rules)


def read_rules(stored: Any, known: Mapping[str, Sequence[str]] | None = None) -> tuple[Rule, ...]:
    """Check rules as they are stored or typed, and freeze them.

    Args:
        stored: [{"attribute": name, "is": [values]}, ...]; each attribute at most once, since all must be met.
        known: The attributes that rules may look at, each with its possible values; None accepts any. Only facts that
            no variation can change belong here: whoever is let in by what they did may be let out by it, too.

    Returns:
        The rules in the given order.

    Raises:
        IllegalRules: `eligibility_invalid`: another shape, too many, an attribute twice, or a name or value that the
            project never gives, or that may change with what is shown.
    """
    if not isinstance(stored, list):
        raise IllegalRules(f"eligibility is {stored!r}, must be a list such as {EXAMPLE}.")
    if len(stored) > MAX_RULES:
        raise IllegalRules(f"eligibility has {len(stored)} rules, may have {MAX_RULES}: drop some.")
    rules = tuple(_read_rule(place, one) for place, one in enumerate(stored, start=1))
    names = [rule.attribute for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise IllegalRules(f"eligibility names {name!r} twice: give all its values in one rule.")
    if known is not None:
        for rule in rules:
            _check_known(rule, known)
    return rules


def _read_rule(place: int, stored: Any) -> Rule:
    if not isinstance(stored, dict) or set(stored) != {"attribute", "is"}:
        raise IllegalRules(f"eligibility rule {place} is {stored!r}, must have the two keys of {EXAMPLE}.")
    attribute, values = stored["attribute"], stored["is"]
    if not _is_word(attribute):
        raise IllegalRules(f"eligibility rule {place}: attribute is {attribute!r}, must be a name such as 'device'.")
    if not isinstance(values, list) or not values or not all(map(_is_word, values)):
        raise IllegalRules(f"eligibility rule {place}: is {values!r}, must be a list of values such as ['phone'].")
    if len(values) > MAX_VALUES:
        raise IllegalRules(f"eligibility rule {place} has {len(values)} values, may have {MAX_VALUES}.")
    return Rule(attribute, frozenset(values))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_LENGTH and value == value.strip()


def _check_known(rule: Rule, known: Mapping[str, Sequence[str]]) -> None:
    if rule.attribute not in known:
        raise IllegalRules(
            f"eligibility: {rule.attribute!r} is no fixed attribute, use one of {sorted(known)}. What a shopper's own"
            " doings change, results can be told apart by, but cannot decide who takes part."
        )
    unknown = sorted(rule.values - set(known[rule.attribute]))
    if unknown:
        possible = sorted(known[rule.attribute])
        raise IllegalRules(f"eligibility: {rule.attribute!r} is never {unknown[0]!r}, use one of {possible}.")
