"""Users' attributes as numbers: which columns there are is learned once, and one user is encoded as all were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata import Metadata

# A value of fewer users than this tells the network who somebody is, and not what kind of person.
FEWEST_USERS = 5
MOST_COLUMNS = 2_048
# A number of at most so many different values has a column for each, any other one for each so many-th of its range.
MOST_DIFFERENT = 32
N_BUCKETS = 16

Matrix: TypeAlias = "sparse.csr_array[np.float32]"


@dataclass(frozen=True, slots=True, eq=False)
class TraitTable:
    """The columns that users' attributes are encoded in.

    Every attribute of a user weighs the same, however many values it has, and all of them together weigh 1: the sum of
    squares of a user's row, less what attributes of the user are missing or rare.

    Attributes:
        keys: digests of a field's name and one of its values, ascending; uint64, shape (n_columns,).
        numbers: names of the numerical fields, shape (n_numbers,).
        bounds: between the buckets of each numerical field, ascending, infinite behind the last; shape
            (n_numbers, MOST_DIFFERENT - 1).
        n_fields: how many fields there are, shape (1,).
    """

    keys: NDArray[np.uint64]
    numbers: NDArray[np.str_]
    bounds: NDArray[np.float64]
    n_fields: NDArray[np.int64]

    arrays: ClassVar[tuple[str, ...]] = ("keys", "numbers", "bounds", "n_fields")

    @classmethod
    def learn(cls, users: Metadata) -> Self:
        """Learn the columns from all users' attributes; free texts are passed over.

        Args:
            users: their attributes, one row each.
        """
        names = sorted(users.numerical)
        bounds = [find_bounds(users.numerical[name]) for name in names]
        table = cls(
            keys=np.empty(0, np.uint64),
            numbers=np.array(names, np.str_),
            bounds=np.array(bounds, np.float64).reshape(len(names), MOST_DIFFERENT - 1),
            n_fields=np.array([len(names) + len(users.categorical)], np.int64),
        )
        keys = np.concatenate([np.empty(0, np.uint64), *(keys for _, keys, _ in table._values_of(users))])
        found, counts = np.unique(keys, return_counts=True)
        # The most frequent ones; among equals the least digest, so that equal data give equal tables.
        kept = np.lexsort((found, -counts))[:MOST_COLUMNS]
        return cls(np.sort(found[kept[counts[kept] >= FEWEST_USERS]]), table.numbers, table.bounds, table.n_fields)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.keys)

    def encode(self, users: Metadata) -> Matrix:
        """Return all users' rows, shape (n_users, n_columns)."""
        rows, columns, values = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty(0, np.float32)]
        for field_rows, keys, n_values in self._values_of(users):
            places = np.searchsorted(self.keys, keys)
            known = np.flatnonzero(self._is_at(places, keys))
            rows.append(field_rows[known])
            columns.append(places[known])
            values.append(self._weigh(n_values[known]))
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        encoded = sparse.coo_array(entries, shape=(len(users), self.n_columns)).tocsr()
        encoded.sort_indices()
        return encoded

    def encode_one(self, traits: Traits) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return one user's columns and their values, as `encode` would; both of shape (n_known,).

        Fields and values that the table does not know are passed over, as are numbers that are none.
        """
        keys: list[int] = []
        shared: list[int] = []
        for name, given in traits.categorical.items():
            different = sorted({value for value in given if value})
            keys += [_digest(name, value) for value in different]
            shared += [len(different)] * len(different)
        for name, bounds in zip(self.numbers.tolist(), self.bounds, strict=True):
            number = float(traits.numerical.get(name, np.nan))
            if not np.isnan(number):
                keys.append(_digest(name, int(np.searchsorted(bounds, number, side="right"))))
                shared.append(1)
        wanted = np.array(keys, np.uint64)
        places = np.searchsorted(self.keys, wanted)
        known = np.flatnonzero(self._is_at(places, wanted))
        return places[known], self._weigh(np.array(shared, np.int64)[known])

    def _is_at(self, places: NDArray[np.intp], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        if not len(self.keys):
            return np.zeros(len(keys), np.bool_)
        found: NDArray[np.bool_] = self.keys[np.minimum(places, len(self.keys) - 1)] == keys
        return found

    def _weigh(self, n_values: NDArray[np.int64]) -> NDArray[np.float32]:
        return (1.0 / np.sqrt(n_values * max(1, int(self.n_fields[0])))).astype(np.float32)

    def _values_of(self, users: Metadata) -> Iterable[tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.int64]]]:
        """Return each field's rows, digests of their values, and how many values the row has there."""
        for name, column in sorted(users.categorical.items()):
            rows = column.rows()
            digests = np.array([_digest(name, value) for value in column.names], np.uint64)
            yield rows, digests[column.codes], np.diff(column.starts)[rows]
        for name, bounds in zip(self.numbers.tolist(), self.bounds, strict=True):
            numbers = users.numerical.get(name, np.full(len(users), np.nan))
            rows = np.flatnonzero(~np.isnan(numbers))
            digests = np.array([_digest(name, bucket) for bucket in range(MOST_DIFFERENT)], np.uint64)
            buckets = np.searchsorted(bounds, numbers[rows], side="right")
            yield rows, digests[buckets], np.ones(len(rows), np.int64)


def find_bounds(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what lies between the buckets of a number, shape (MOST_DIFFERENT - 1,), infinite behind the last."""
    bounds = np.full(MOST_DIFFERENT - 1, np.inf)
    different = np.unique(numbers[np.isfinite(numbers)])
    if len(different) <= MOST_DIFFERENT:
        between = (different[1:] + different[:-1]) / 2
    else:
        finite = numbers[np.isfinite(numbers)]
        between = np.unique(np.quantile(finite, np.arange(1, N_BUCKETS) / N_BUCKETS))
    bounds[: len(between)] = between
    return bounds


def _digest(name: str, value: object) -> int:
    text = f"{name}\0{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
