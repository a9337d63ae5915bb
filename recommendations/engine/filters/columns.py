"""The items' attributes as filters ask for them: which items hold a value, which are beyond a number."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Categories, Metadata
from recommendations.engine.filters.expressions import Operator

Kind = Literal["text", "number"]

# Columns of Items that are no metadata of their own; Amazon Personalize's reserved names.
ID, CREATED_AT = "ITEM_ID", "CREATION_TIMESTAMP"
COMPARE: Mapping[Operator, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _Inverted:
    """For each category the rows that have it."""

    def __init__(self, column: Categories) -> None:
        self._number = {name: code for code, name in enumerate(column.names)}
        order = np.argsort(column.codes, kind="stable")
        self._rows = column.rows()[order]
        self._starts = np.searchsorted(column.codes[order], np.arange(len(column.names) + 1))

    def rows(self, names: Collection[str]) -> list[NDArray[np.intp]]:
        codes = [self._number[name] for name in names if name in self._number]
        return [self._rows[self._starts[code] : self._starts[code + 1]] for code in codes]


class ItemColumns:
    """The catalogue's columns; built once for a trained model, and never changed by a request.

    Args:
        item_ids: the catalogue, ascending; length n_items.
        metadata: what is known of items, of these or of others; None where nothing is.
        kinds: the columns that count as there, besides the metadata's own.
    """

    def __init__(
        self, item_ids: Sequence[str], metadata: Metadata | None = None, kinds: Mapping[str, Kind] | None = None
    ) -> None:
        self.index = {item_id: number for number, item_id in enumerate(item_ids)}
        self._texts: dict[str, tuple[Categories, _Inverted]] = {}
        self._numbers: dict[str, NDArray[np.float64]] = {}
        if metadata is not None:
            aligned = metadata if metadata.ids is item_ids else metadata.align(item_ids)
            self._texts = {name: (column, _Inverted(column)) for name, column in aligned.categorical.items()}
            self._numbers = dict(aligned.numerical)
            if aligned.created_at is not None:
                created_at = aligned.created_at.astype(np.float64)
                self._numbers[CREATED_AT] = np.where(aligned.created_at == UNKNOWN_TIME, np.nan, created_at)
        self.kinds: Mapping[str, Kind] = {
            ID: "text",
            **dict.fromkeys(self._texts, "text"),
            **dict.fromkeys(self._numbers, "number"),
            **(kinds or {}),
        }

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.index)

    def nothing(self) -> NDArray[np.bool_]:
        """Return a mask without any item, shape (n_items,)."""
        return np.zeros(len(self.index), np.bool_)

    def holding(self, name: str, values: Collection[str]) -> NDArray[np.bool_]:
        """Return which items have at least one of these texts in a column, shape (n_items,)."""
        found = self.nothing()
        if name == ID:
            found[[self.index[value] for value in values if value in self.index]] = True
        elif name in self._texts:
            for rows in self._texts[name][1].rows(values):
                found[rows] = True
        return found

    def comparing(self, name: str, compare: Operator, value: float) -> NDArray[np.bool_]:
        """Return for which items a comparison with a number holds, shape (n_items,); without a number only != does."""
        column = self._numbers.get(name)
        if column is None:
            return np.full(len(self.index), compare == "!=")
        return COMPARE[compare](column, value)

    def texts_of(self, name: str, item_id: str) -> tuple[str, ...]:
        """Return an item's texts in a column; none for an item that is not in the catalogue."""
        row = self.index.get(item_id, -1)
        if row < 0 or (name != ID and name not in self._texts):
            return ()
        return (item_id,) if name == ID else self._texts[name][0][row]

    def number_of(self, name: str, item_id: str) -> float:
        """Return an item's number in a column, NaN where it has none."""
        row = self.index.get(item_id, -1)
        return float(self._numbers[name][row]) if row >= 0 and name in self._numbers else float("nan")
