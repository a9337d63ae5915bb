"""Reads a filter: Amazon Personalize's filter expressions, refused with the place of the fault and its fix."""

from __future__ import annotations

from typing import cast

from recommendations.engine.exceptions import InvalidFilter
from recommendations.engine.filters.expressions import (
    EVERY_TYPE,
    LISTS,
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Dataset,
    Expression,
    Field,
    Operator,
    Parameter,
    Value,
)
from recommendations.engine.filters.tokens import Token, fault_at, split_tokens

# Amazon Personalize API reference, CreateFilter: filterExpression; developer guide, "Quotas": fields of a filter.
MAX_LENGTH = 2500
MAX_FIELDS = 5
DATASETS: dict[str, Dataset] = {
    "ITEMS": "Items",
    "INTERACTIONS": "Interactions",
    "CURRENTUSER": "CurrentUser",
    "CURRENTITEM": "CurrentItem",
}
WHERE_FIELDS = "Items.NAME or Interactions.EVENT_TYPE"
IF_FIELDS = "CurrentUser.NAME or CurrentItem.NAME"


def parse_filter(expression: str) -> Expression:
    """Read a filter expression.

    Keywords are read in any case, as is EVENT_TYPE; all else is case-sensitive. AND binds closer than OR, and there are
    no brackets to group by.

    Args:
        expression: clauses `INCLUDE|EXCLUDE ItemID WHERE conditions [IF conditions]` with a `|` between them.

    Raises:
        InvalidFilter: it cannot be understood, or is beyond a limit; the message names the place and the fix.

    Source:
        Amazon Personalize developer guide, "Filter expression structure and elements".
    """
    if len(expression) > MAX_LENGTH:
        raise InvalidFilter(f"The filter has {len(expression)} characters; it may have {MAX_LENGTH}.")
    parsed = _Reader(split_tokens(expression)).read()
    fields = parsed.fields()
    if len(fields) > MAX_FIELDS:
        raise InvalidFilter(f"The filter names {len(fields)} fields ({', '.join(fields)}); it may name {MAX_FIELDS}.")
    return parsed


class _Reader:
    """Reads tokens from left to right, one rule of the grammar a method."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def read(self) -> Expression:
        clauses = [self._clause()]
        while self._next().kind != "end":
            self._expect_sign("|", "chain a further INCLUDE or EXCLUDE with |")
            clauses.append(self._clause())
        return Expression(tuple(clauses))

    def _clause(self) -> Clause:
        verb = self._expect_word("INCLUDE", "EXCLUDE", fix="begin with INCLUDE or EXCLUDE")
        self._subject()
        self._expect_word("WHERE", fix="WHERE comes after ItemID")
        where_at = self._next().at
        where = self._any_of(within_if=False)
        datasets = {condition.field.dataset for condition in where.conditions()}
        if len(datasets) > 1:
            raise fault_at(
                where_at, "a WHERE looks at Items or at Interactions; chain two expressions with | to look at both."
            )
        only_if = None
        if self._next().is_word("IF"):
            self._take()
            only_if = self._any_of(within_if=True)
        return Clause(verb.text.upper() == "INCLUDE", where, only_if)

    def _subject(self) -> None:
        subject = self._take()
        if subject.is_word("USERID", "ACTIONID"):
            raise fault_at(subject.at, f"{subject.text} is for segments and actions; recommendations filter ItemID.")
        if not subject.is_word("ITEMID"):
            raise self._unexpected(subject, "ItemID comes after INCLUDE or EXCLUDE")

    def _any_of(self, *, within_if: bool) -> AnyOf:
        groups = [self._all_of(within_if=within_if)]
        while self._next().is_word("OR"):
            self._take()
            groups.append(self._all_of(within_if=within_if))
        return AnyOf(tuple(groups))

    def _all_of(self, *, within_if: bool) -> AllOf:
        conditions = [self._condition(within_if=within_if)]
        while self._next().is_word("AND"):
            self._take()
            conditions.append(self._condition(within_if=within_if))
        return AllOf(tuple(conditions))

    def _condition(self, *, within_if: bool) -> Condition:
        token = self._take()
        if token.is_sign("("):
            raise fault_at(
                token.at, "conditions cannot be grouped by brackets; write the groups out, or chain two filters."
            )
        field = self._field(token, IF_FIELDS if within_if else WHERE_FIELDS)
        if (field.dataset in {"CurrentUser", "CurrentItem"}) is not within_if:
            raise fault_at(token.at, f"{field} cannot stand here; use {IF_FIELDS if within_if else WHERE_FIELDS}.")
        operator = self._operator(field)
        if operator not in LISTS:
            return Condition(field, operator, (self._value(field),))
        self._expect_sign("(", f"the values of {operator} stand in brackets")
        values = [self._value(field)]
        while self._next().is_sign(","):
            self._take()
            values.append(self._value(field))
        self._expect_sign(")", "values end with ) and have commas between them")
        return Condition(field, operator, tuple(values))

    def _operator(self, field: Field) -> Operator:
        token = self._take()
        if token.is_word("IN"):
            return "IN"
        if token.is_word("NOT"):
            self._expect_word("IN", fix="NOT comes before IN only")
            return "NOT IN"
        if token.kind != "sign" or token.text not in {"=", "!=", "<", "<=", ">", ">="}:
            raise self._unexpected(token, f"after {field} comes IN, NOT IN, =, !=, <, <=, > or >=")
        if field.dataset == "Interactions":
            raise fault_at(token.at, f"{field} is compared with IN and NOT IN only.")
        return cast("Operator", token.text)

    def _value(self, field: Field) -> Value:
        token = self._take()
        if token.kind == "text":
            return token.text
        if token.kind == "number":
            return float(token.text)
        if token.kind == "parameter":
            return Parameter(token.text)
        if token.is_sign("*"):
            if field.dataset != "Interactions":
                raise fault_at(token.at, "* stands for all event types; write the values of any other field out.")
            return EVERY_TYPE
        if token.kind != "word":
            raise self._unexpected(token, "a value is a text in double quotes, a number or a $PARAMETER")
        if token.text.upper().startswith("CURRENTITEM.") and field.dataset == "Items":
            return self._field(token, "CurrentItem.NAME")
        raise self._unexpected(token, f'write the text as "{token.text}"')

    def _field(self, token: Token, usable: str) -> Field:
        dataset, dot, name = token.text.partition(".")
        if token.kind != "word" or not dot or not name:
            raise self._unexpected(token, f"name a field, {usable}")
        known = DATASETS.get(dataset.upper())
        if known is None:
            raise fault_at(token.at, f"there is no dataset {dataset}; use {usable}.")
        if known == "Interactions":
            if name.upper() != "EVENT_TYPE":
                raise fault_at(token.at, f"{token.text} cannot be filtered by; of Interactions only EVENT_TYPE can.")
            name = "EVENT_TYPE"
        return Field(known, name, token.at)

    def _expect_word(self, *words: str, fix: str) -> Token:
        token = self._take()
        if not token.is_word(*words):
            raise self._unexpected(token, fix)
        return token

    def _expect_sign(self, sign: str, fix: str) -> None:
        token = self._take()
        if not token.is_sign(sign):
            raise self._unexpected(token, fix)

    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    @staticmethod
    def _unexpected(token: Token, fix: str) -> InvalidFilter:
        return fault_at(token.at, f"{token.shown()} is not expected; {fix}.")
