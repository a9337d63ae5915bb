"""What a request gives for a filter's parameters, read as Amazon Personalize writes it."""

from __future__ import annotations

from collections.abc import Mapping

from recommendations.engine.exceptions import InvalidFilter, InvalidFilterValue
from recommendations.engine.filters.expressions import Expression
from recommendations.engine.filters.tokens import Token, split_tokens

# Amazon Personalize API reference, FilterValues: entries of the map, and the length of one.
MAX_VALUES = 25
MAX_LENGTH = 1000

Given = Mapping[str, tuple[str | float, ...]]


def parse_values(expression: Expression, given: Mapping[str, str]) -> Given:
    """Return the values of each parameter that has any.

    Args:
        expression: the filter whose parameters they are.
        given: parameter -> its values, texts in double quotes, numbers as they are, commas between them. One that is
            empty counts as not given.

    Raises:
        InvalidFilterValue: a parameter is unknown or its value cannot be read, there are too many, or an INCLUDE
            lacks one; the message names the parameter and the fix.
    """
    known = expression.parameters()
    if len(given) > MAX_VALUES:
        raise InvalidFilterValue(f"filter_values has {len(given)} entries; give at most {MAX_VALUES}.")
    for name in given:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise InvalidFilterValue(f"filter_values names {name!r}, which the filter has not. Parameters: {names}.")
    values = {name: _parse(name, text) for name, text in given.items() if text.strip()}
    for clause in expression.clauses:
        for condition in clause.conditions():
            for name in condition.parameters():
                if clause.includes and name not in values:
                    raise InvalidFilterValue(f"filter_values lacks {name!r}; an INCLUDE needs all of its values.")
                if condition.operator not in {"IN", "NOT IN"} and len(values.get(name, ())) > 1:
                    raise InvalidFilterValue(
                        f"filter_values[{name!r}] has several values; {condition.operator} takes one."
                    )
    return values


def _parse(name: str, text: str) -> tuple[str | float, ...]:
    if len(text) > MAX_LENGTH:
        raise InvalidFilterValue(f"filter_values[{name!r}] has {len(text)} characters; give at most {MAX_LENGTH}.")
    try:
        *tokens, end = split_tokens(text)
    except InvalidFilter as error:
        raise InvalidFilterValue(f"filter_values[{name!r}] cannot be read. {error}") from error
    values = tokens[::2]
    if len(tokens) % 2 == 0 or not all(comma.is_sign(",") for comma in tokens[1::2]):
        raise _misfit(name, tokens[-1] if tokens else end)
    return tuple(_value(name, token) for token in values)


def _value(name: str, token: Token) -> str | float:
    if token.kind == "text":
        return token.text
    if token.kind == "number":
        return float(token.text)
    raise _misfit(name, token)


def _misfit(name: str, token: Token) -> InvalidFilterValue:
    return InvalidFilterValue(
        f"filter_values[{name!r}]: {token.shown()} at character {token.at} is not expected; "
        'give texts in double quotes or numbers, with commas between them, "like","this".'
    )
