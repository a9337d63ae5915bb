"""Whether a filter fits the columns there are: every field is one of them, every value of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from recommendations.engine.exceptions import InvalidFilter
from recommendations.engine.filters.columns import Kind
from recommendations.engine.filters.expressions import ORDERS, Condition, Expression, Field
from recommendations.engine.filters.tokens import fault_at


def check_fields(
    expression: Expression, items: Mapping[str, Kind], users: Mapping[str, Kind], *, fix: str = ""
) -> None:
    """Refuse a filter that asks for what is not there.

    Args:
        expression: the filter.
        items: the columns of Items by name, and what each holds.
        users: the columns of Users.
        fix: a sentence on what to do about a field that is not there.

    Raises:
        InvalidFilter: a field is not there, or is compared as what it is not; the message names place and fix.
    """
    known = {"Items": items, "CurrentItem": items, "CurrentUser": users}
    for field in expression.fields().values():
        if field.dataset != "Interactions" and field.name not in known[field.dataset]:
            names = ", ".join(sorted(known[field.dataset])) or "none"
            raise fault_at(field.at, f"there is no {field}. Fields: {names}.{fix and ' ' + fix}")
    for condition in expression.conditions():
        if condition.field.dataset != "Interactions":
            kind = known[condition.field.dataset][condition.field.name]
            _check_condition(condition, kind, items)
        else:
            _check_values(condition, "text")


def _check_condition(condition: Condition, kind: Kind, items: Mapping[str, Kind]) -> None:
    field = condition.field
    if kind == "text" and condition.operator in ORDERS:
        raise fault_at(field.at, f"{field} holds texts, which {condition.operator} cannot compare; use IN or NOT IN.")
    for value in condition.values:
        if isinstance(value, Field) and items[value.name] != kind:
            raise fault_at(value.at, f"{value} holds {items[value.name]}s and {field} {kind}s; compare like with like.")
    _check_values(condition, kind)


def _check_values(condition: Condition, kind: Kind) -> None:
    for value in condition.values:
        if isinstance(value, str | float):
            coerce(value, kind, f"At character {condition.field.at} of the filter: a value of {condition.field}")


def coerce(value: str | float, kind: Kind, what: str) -> str | float:
    """Return a value as what a column holds; a number may be written as a text.

    Raises:
        InvalidFilter: it is a number where a text is wanted, or a text that is no number; the message begins with
            `what`.
    """
    if kind == "text":
        if isinstance(value, str):
            return value
        raise InvalidFilter(f'{what} is {value:g}, and the field holds texts; write "{value:g}".')
    try:
        return float(value)
    except ValueError:
        raise InvalidFilter(f'{what} is "{value}", and the field holds numbers; give a number.') from None
