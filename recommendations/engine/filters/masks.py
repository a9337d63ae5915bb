"""A filter over a catalogue: one mask for what no request changes, and what the user and the values add to it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from types import MappingProxyType
from typing import cast

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.histories import EVENTS_PER_TYPE
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidFilter, InvalidFilterValue
from recommendations.engine.filters.checking import check_fields, coerce
from recommendations.engine.filters.columns import COMPARE, ItemColumns, Kind
from recommendations.engine.filters.expressions import (
    EVERY_TYPE,
    NEGATIONS,
    AnyOf,
    Clause,
    Condition,
    Expression,
    Field,
    Parameter,
)
from recommendations.engine.filters.values import Given, parse_values
from recommendations.engine.interactions import Event

Mask = NDArray[np.bool_]


def _nothing_older(_event_types: Collection[str] | None) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and for what.

    Attributes:
        history: the user's events, oldest first.
        traits: the user's attributes, where there are any.
        item_id: the current item; empty where there is none.
        values: what is given for the filter's parameters.
        older: the items of the events before those, of some types, in small letters, or of all where it is given None.
    """

    history: Sequence[Event] = ()
    traits: Traits | None = None
    item_id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    older: Callable[[Collection[str] | None], Sequence[str]] = _nothing_older


class ItemFilter:
    """A filter made ready for one catalogue; threads may share it.

    Something that has no value passes no comparison but NOT IN and !=.

    Args:
        expression: the filter.
        columns: the catalogue's.
        users: the columns of Users, and what each holds.

    Raises:
        InvalidFilter: the filter does not fit the columns; the message names place and fix.
    """

    def __init__(
        self, expression: Expression, columns: ItemColumns, users: Mapping[str, Kind] = MappingProxyType({})
    ) -> None:
        check_fields(expression, columns.kinds, users, fix="The campaign's training knew no other.")
        self.expression = expression
        self._columns = columns
        self._users = users
        self._known: dict[Condition, Mask] = {}
        self._changing = tuple(clause for clause in expression.clauses if not _is_fixed(clause))
        nobody = self._ask(Asking(), {})
        fixed = ~columns.nothing()
        for clause in expression.clauses:
            if _is_fixed(clause):
                fixed &= nobody.passing(clause)
        fixed.flags.writeable = False
        self._fixed = fixed
        constant = (each for clause in self._changing for each in clause.where.conditions() if _is_constant(each))
        self._known |= {condition: nobody.mask_of(condition) for condition in constant}

    def allowed(self, asking: Asking) -> Mask:
        """Return which items pass, shape (n_items,); the caller may not change it.

        Raises:
            InvalidFilterValue: a parameter's value does not fit or is missing, or there is no current item to compare
                with; the message names the fix.
        """
        if self.expression.needs_item() and not asking.item_id:
            raise InvalidFilterValue("item_id is empty, and the filter compares with the current item; give one.")
        request = self._ask(asking, parse_values(self.expression, asking.values))
        passing = self._fixed
        for clause in self._changing:
            if request.applies(clause):
                passing = passing & request.passing(clause)
        return passing

    def passing(self, item_ids: Sequence[str], asking: Asking) -> tuple[str, ...]:
        """Return those of some items that pass, in their order; one not in the catalogue has no value in any column.

        Raises:
            InvalidFilterValue: as for `allowed`.
        """
        index = self._columns.index
        unknown = [item_id for item_id in item_ids if item_id not in index]
        nowhere = self.over(unknown)
        allowed = self.allowed(asking)
        passing = {item_id for item_id in item_ids if item_id in index and allowed[index[item_id]]}
        passing.update(compress(unknown, nowhere.allowed(asking).tolist()))
        return tuple(item_id for item_id in item_ids if item_id in passing)

    def over(self, item_ids: Sequence[str], metadata: Metadata | None = None) -> ItemFilter:
        """Return the same filter over other items, which have no value in the columns that their metadata lack.

        Args:
            item_ids: different ids.
            metadata: what is known of them.
        """
        return ItemFilter(self.expression, ItemColumns(item_ids, metadata, self._columns.kinds), self._users)

    def _ask(self, asking: Asking, given: Given) -> _Request:
        return _Request(self._columns, self._users, self._known, asking, given)


class _Request:
    """One request to a filter: what the user did is looked up once, and only if a condition asks for it."""

    def __init__(
        self,
        columns: ItemColumns,
        users: Mapping[str, Kind],
        known: Mapping[Condition, Mask],
        asking: Asking,
        given: Given,
    ) -> None:
        self._columns = columns
        self._users = users
        self._known = known
        self._asking = asking
        self._given = given
        self._touched: dict[str, list[int]] | None = None

    def applies(self, clause: Clause) -> bool:
        """Whether the clause's IF holds, and something of its WHERE is left without the values that are missing."""
        if clause.only_if is not None:
            groups = self._left(clause.only_if)
            if not any(all(map(self._holds, group)) for group in groups):
                return False
        return bool(self._left(clause.where))

    def passing(self, clause: Clause) -> Mask:
        """Return which items a clause lets pass."""
        groups = self._left(clause.where)
        found = self._all_of(groups[0])
        for group in groups[1:]:
            found = found | self._all_of(group)
        return found if clause.includes else ~found

    def mask_of(self, condition: Condition) -> Mask:
        """Return for which items a condition of a WHERE holds; the caller may not change it."""
        known = self._known.get(condition)
        if known is not None:
            return known
        if condition.field.dataset == "Interactions":
            found = self._columns.nothing()
            found[self._touched_items(condition)] = True
            return ~found if condition.operator in NEGATIONS else found
        values = self._values(condition)
        name = condition.field.name
        if self._kind(condition.field) == "text":
            found = self._columns.holding(name, cast("tuple[str, ...]", values))
            return ~found if condition.operator in NEGATIONS else found
        if condition.operator not in {"IN", "NOT IN"}:
            return self._columns.comparing(name, condition.operator, float(values[0]) if values else math.nan)
        found = self._columns.nothing()
        for value in values:
            found |= self._columns.comparing(name, "=", float(value))
        return ~found if condition.operator == "NOT IN" else found

    def _all_of(self, conditions: Sequence[Condition]) -> Mask:
        found = self.mask_of(conditions[0])
        for condition in conditions[1:]:
            found = found & self.mask_of(condition)
        return found

    def _left(self, any_of: AnyOf) -> list[tuple[Condition, ...]]:
        """The groups of conditions without those whose parameter has no value."""
        groups = (tuple(filter(self._is_given, group.conditions)) for group in any_of.groups)
        return [group for group in groups if group]

    def _is_given(self, condition: Condition) -> bool:
        return all(name in self._given for name in condition.parameters())

    def _touched_items(self, condition: Condition) -> list[int]:
        if self._touched is None:
            self._touched = self._look_up_touched()
        wanted = {str(value).lower() for value in self._values(condition)}
        older = self._asking.older(None if EVERY_TYPE in wanted else wanted)
        if EVERY_TYPE in wanted:
            wanted = set(self._touched)
        index = self._columns.index
        found = [item for event_type in wanted for item in self._touched.get(event_type, ())]
        return [*found, *(index[item_id] for item_id in older if item_id in index)]

    def _look_up_touched(self) -> dict[str, list[int]]:
        touched: dict[str, list[int]] = defaultdict(list)
        seen: dict[str, int] = defaultdict(int)
        for event in reversed(self._asking.history):
            event_type = event.event_type.lower()
            seen[event_type] += 1
            item = self._columns.index.get(event.item_id, -1)
            if item >= 0 and seen[event_type] <= EVENTS_PER_TYPE:
                touched[event_type].append(item)
        return dict(touched)

    def _holds(self, condition: Condition) -> bool:
        """Whether a condition of an IF holds, for the user or the current item."""
        values = self._values(condition)
        negated = condition.operator in NEGATIONS
        if self._kind(condition.field) == "text":
            return bool(set(self._texts(condition.field)) & set(values)) is not negated
        number = np.array([self._number(condition.field)])
        if condition.operator in {"IN", "NOT IN"}:
            return (float(number[0]) in values) is not negated
        return bool(COMPARE[condition.operator](number, float(values[0]))[0])

    def _values(self, condition: Condition) -> tuple[str | float, ...]:
        kind = self._kind(condition.field)
        found: list[str | float] = []
        for value in condition.values:
            if isinstance(value, Parameter):
                found += [self._fitting(value, each, kind) for each in self._given[value.name]]
            elif isinstance(value, Field):
                found += self._texts(value) if kind == "text" else [self._number(value)]
            else:
                found.append(coerce(value, kind, str(condition.field)))
        return tuple(found)

    @staticmethod
    def _fitting(parameter: Parameter, value: str | float, kind: Kind) -> str | float:
        try:
            return coerce(value, kind, f"filter_values[{parameter.name!r}]")
        except InvalidFilter as error:
            raise InvalidFilterValue(str(error)) from error

    def _texts(self, field: Field) -> tuple[str, ...]:
        if field.dataset == "CurrentUser":
            traits = self._asking.traits
            return tuple(traits.categorical.get(field.name, ())) if traits is not None else ()
        return self._columns.texts_of(field.name, self._asking.item_id)

    def _number(self, field: Field) -> float:
        if field.dataset == "CurrentUser":
            traits = self._asking.traits
            return float(traits.numerical.get(field.name, math.nan)) if traits is not None else math.nan
        return self._columns.number_of(field.name, self._asking.item_id)

    def _kind(self, field: Field) -> Kind:
        if field.dataset == "Interactions":
            return "text"
        if field.dataset == "CurrentUser":
            return self._users[field.name]
        return self._columns.kinds[field.name]


def _is_constant(condition: Condition) -> bool:
    """Whether a condition of a WHERE holds for the same items in every request."""
    if condition.field.dataset == "Interactions":
        return False
    return not any(isinstance(value, Parameter | Field) for value in condition.values)


def _is_fixed(clause: Clause) -> bool:
    return clause.only_if is None and all(map(_is_constant, clause.where.conditions()))
