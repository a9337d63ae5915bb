"""What is known of items and of users beside their events: categories, numbers and texts, as columns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.ragged import gather
from recommendations.engine.exceptions import InvalidMetadata

# An item's time of creation where nobody knows it: long past, so that it never counts as new.
UNKNOWN_TIME = -1

Column = TypeVar("Column")


class Categories(Sequence[tuple[str, ...]]):
    """A column of categories, any number of them a row, as numbers of their names.

    Args:
        names: the different categories, ascending; length n_names.
        starts: row r has the codes starts[r]:starts[r + 1]; int64, shape (n_rows + 1,).
        codes: numbers of names, each once a row, ascending; int32.
    """

    def __init__(self, names: tuple[str, ...], starts: NDArray[np.int64], codes: NDArray[np.int32]) -> None:
        self.names = names
        self.starts = starts
        self.codes = codes

    @classmethod
    def build(cls, rows: Iterable[Collection[str]]) -> Self:
        """Build from each row's categories, in any order; empty ones and repetitions are dropped."""
        # Most rows repeat another one: each different row is put in order once.
        different: dict[tuple[str, ...], int] = {}
        which = np.array([different.setdefault(tuple(row), len(different)) for row in rows], np.intp)
        kept = [sorted({name for name in row if name}) for row in different]
        names = tuple(sorted({name for row in kept for name in row}))
        number = {name: code for code, name in enumerate(names)}
        lengths = np.fromiter(map(len, kept), np.int64, len(kept))
        codes = np.fromiter((number[name] for row in kept for name in row), np.int32, int(lengths.sum()))
        return cls(names, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), codes).select(which)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    @overload
    def __getitem__(self, row: int) -> tuple[str, ...]: ...

    @overload
    def __getitem__(self, row: slice) -> list[tuple[str, ...]]: ...

    def __getitem__(self, row: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        """Return the categories of one row, or of several."""
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        place = row % len(self)
        return tuple(self.names[code] for code in self.codes[self.starts[place] : self.starts[place + 1]].tolist())

    def rows(self) -> NDArray[np.intp]:
        """Return the row of each of `codes`."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def holding(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Return which rows have at least one of these categories, shape (n_rows,)."""
        is_wanted = np.array([name in names for name in self.names], np.bool_)
        found = np.zeros(len(self), np.bool_)
        if len(is_wanted):
            found[self.rows()[is_wanted[self.codes]]] = True
        return found

    def select(self, rows: NDArray[np.intp]) -> Self:
        """Return these rows in this order; a row of -1 has no category."""
        # One empty row at the end, which -1 then finds.
        starts = np.append(self.starts, self.starts[-1])
        places, lengths = gather(starts, np.where(rows < 0, len(self), rows))
        return type(self)(
            self.names, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), self.codes[places].astype(np.int32)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Metadata:
    """Attributes of items or of users, one row each.

    Attributes:
        ids: external ids, ascending; length n_rows.
        created_at: epoch seconds, UNKNOWN_TIME where not known, int64, shape (n_rows,); None where nobody is dated.
        categorical: columns of categories by name, any number a row; each of length n_rows.
        numerical: columns of numbers by name, NaN where there is none; float64, shape (n_rows,).
        textual: columns of free text by name, empty where there is none; each of length n_rows.
    """

    ids: Sequence[str]
    created_at: NDArray[np.int64] | None = None
    categorical: Mapping[str, Categories] = field(default_factory=dict)
    numerical: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    textual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in _columns(self)}
        for name, length in lengths.items():
            if length != len(self.ids):
                raise InvalidMetadata(
                    f"{name} has {length} values and there are {len(self.ids)} ids. Give every row all columns."
                )
        if len(set(lengths)) != sum(map(len, (self.categorical, self.numerical, self.textual))) + self.is_dated:
            raise InvalidMetadata("Two columns have the same name. Rename one.")

    @classmethod
    def build(
        cls,
        ids: Iterable[str],
        created_at: Iterable[int] | None = None,
        categorical: Mapping[str, Iterable[Collection[str]]] | None = None,
        numerical: Mapping[str, Iterable[float]] | None = None,
        textual: Mapping[str, Iterable[str]] | None = None,
    ) -> Self:
        """Build from columns of equal length, in any order of ids.

        Raises:
            InvalidMetadata: columns differ in length, an id is repeated, or two columns have one name.
        """
        given = list(ids)
        order = sorted(range(len(given)), key=given.__getitem__)
        for first, second in pairwise(order):
            if given[first] == given[second]:
                raise InvalidMetadata(f"The id {given[first]!r} has more than one row. Keep one.")
        times = None if created_at is None else np.array(list(created_at), np.int64)
        columns = cls(
            given,
            times,
            {name: Categories.build(column) for name, column in (categorical or {}).items()},
            {name: np.array(list(column), np.float64) for name, column in (numerical or {}).items()},
            {name: tuple(column) for name, column in (textual or {}).items()},
        )
        return columns.select(np.array(order, np.intp))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    @property
    def is_dated(self) -> bool:
        """Whether rows tell when they were created."""
        return self.created_at is not None

    def find(self, id_: str) -> int:
        """Return an id's row in O(log n_rows), -1 where it has none."""
        row = bisect_left(self.ids, id_)
        return row if row < len(self.ids) and self.ids[row] == id_ else -1

    def select(self, rows: NDArray[np.intp], ids: Sequence[str] | None = None) -> Self:
        """Return these rows in this order.

        Args:
            rows: row numbers, shape (n,); -1 for a row without any attribute, which needs `ids`.
            ids: the rows' ids, where they are not those of the rows.
        """
        is_missing = rows < 0

        def pick(values: NDArray[np.generic], empty: float) -> NDArray[np.generic]:
            if not len(values):
                return np.full(len(rows), empty, values.dtype)
            return np.where(is_missing, values.dtype.type(empty), values[rows])

        return type(self)(
            ids=tuple(self.ids[row] for row in rows.tolist()) if ids is None else ids,
            created_at=None if self.created_at is None else pick(self.created_at, UNKNOWN_TIME).astype(np.int64),
            categorical={name: column.select(rows) for name, column in self.categorical.items()},
            numerical={name: pick(column, np.nan).astype(np.float64) for name, column in self.numerical.items()},
            textual={
                name: tuple(column[row] if row >= 0 else "" for row in rows.tolist())
                for name, column in self.textual.items()
            },
        )

    def align(self, ids: Sequence[str]) -> Self:
        """Return one row for each of these ids, without attributes where there is nothing known of it."""
        place = {id_: row for row, id_ in enumerate(self.ids)}
        return self.select(np.fromiter((place.get(id_, -1) for id_ in ids), np.intp, len(ids)), ids)

    def differs_from(self, other: Metadata) -> NDArray[np.bool_]:
        """Return which rows say anything else than the other's rows of the same number, shape (n_rows,).

        Args:
            other: as many rows; columns that it lacks make no difference.
        """
        differs = np.zeros(len(self), np.bool_)
        if other.created_at is not None:
            differs |= True if self.created_at is None else self.created_at != other.created_at
        for name, numbers in other.numerical.items():
            mine = self.numerical.get(name, np.full(len(self), np.nan))
            differs |= ~((mine == numbers) | (np.isnan(mine) & np.isnan(numbers)))
        for name, column in other.categorical.items():
            rows = self.categorical.get(name, Categories.build([()] * len(self)))
            differs |= np.array([one != two for one, two in zip(rows, column, strict=True)], np.bool_)
        for name, texts in other.textual.items():
            words = self.textual.get(name, ("",) * len(self))
            differs |= np.array([one != two for one, two in zip(words, texts, strict=True)], np.bool_)
        return differs

    def without(self, names: Collection[str]) -> Self:
        """Return all but these columns."""

        def kept(columns: Mapping[str, Column]) -> dict[str, Column]:
            return {name: column for name, column in columns.items() if name not in names}

        return type(self)(self.ids, self.created_at, kept(self.categorical), kept(self.numerical), kept(self.textual))

    def without_texts(self) -> Self:
        """Return all but the free texts, which only training reads."""
        return type(self)(self.ids, self.created_at, self.categorical, self.numerical)


def _columns(metadata: Metadata) -> Iterator[tuple[str, Collection[object] | NDArray[np.generic]]]:
    if metadata.created_at is not None:
        yield "created_at", metadata.created_at
    for columns in (metadata.categorical, metadata.numerical, metadata.textual):
        yield from columns.items()
