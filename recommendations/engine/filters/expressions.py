"""What a filter says, once it is read: clauses of conditions on items, on the user's interactions, on user and item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal["IN", "NOT IN", "=", "!=", "<", "<=", ">", ">="]
Dataset = Literal["Items", "Interactions", "CurrentUser", "CurrentItem"]

# The operators that hold for something that has no value.
NEGATIONS: frozenset[Operator] = frozenset({"NOT IN", "!="})
# The value that stands for every event type.
EVERY_TYPE = "*"
LISTS: frozenset[Operator] = frozenset({"IN", "NOT IN"})
# These compare sizes, and need a number.
ORDERS: frozenset[Operator] = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a dataset; `at` is the character where it stands in the expression, the first being 1."""

    dataset: Dataset
    name: str
    at: int = 0

    def __str__(self) -> str:
        return f"{self.dataset}.{self.name}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that each request gives."""

    name: str


Value = str | float | Parameter | Field


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with values; all operators but IN and NOT IN have exactly one."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]

    def parameters(self) -> Iterator[str]:
        """The names of the parameters in it."""
        return (value.name for value in self.values if isinstance(value, Parameter))


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that must all hold; there is at least one."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Groups of which one must hold; there is at least one."""

    groups: tuple[AllOf, ...]

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        return (each for group in self.groups for each in group.conditions)


@dataclass(frozen=True, slots=True)
class Clause:
    """One expression of a chain.

    Attributes:
        includes: whether only items for which `where` holds may stay; otherwise they are the ones that may not.
        where: on the items, or on the user's interactions with them.
        only_if: on the user or the current item; where it does not hold the clause does nothing.
    """

    includes: bool
    where: AnyOf
    only_if: AnyOf | None = None

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        yield from self.where.conditions()
        if self.only_if is not None:
            yield from self.only_if.conditions()


@dataclass(frozen=True, slots=True)
class Expression:
    """A whole filter: an item must pass every clause."""

    clauses: tuple[Clause, ...]

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        return (each for clause in self.clauses for each in clause.conditions())

    def fields(self) -> dict[str, Field]:
        """Every column that is named, by its full name, where it stands first."""
        found: dict[str, Field] = {}
        for condition in self.conditions():
            for field in (condition.field, *(value for value in condition.values if isinstance(value, Field))):
                found.setdefault(str(field), field)
        return found

    def parameters(self) -> frozenset[str]:
        """The names of all parameters."""
        return frozenset(name for condition in self.conditions() for name in condition.parameters())

    def needs_item(self) -> bool:
        """Whether it compares with the current item."""
        return any(field.dataset == "CurrentItem" for field in self.fields().values())
