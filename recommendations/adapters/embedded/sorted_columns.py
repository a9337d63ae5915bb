"""Imports a CSV that is sorted by user and time straight into columns on disk, a batch of rows at a time."""

import csv
import os
import shutil
import uuid
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from recommendations.engine.arrays.strings import StringTable
from recommendations.engine.interactions import MAX_EVENT_TYPES
from recommendations.engine.reading import MAX_EPOCH_S, MAX_ID_LENGTH

HEADER = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"]
BATCH_ROWS = 5_000
DTYPES: dict[str, np.dtype[Any]] = {
    "users": np.dtype("int32"),
    "items": np.dtype("int32"),
    "timestamps": np.dtype("int64"),
    "types": np.dtype("int8"),
    "values": np.dtype("float32"),
    "starts": np.dtype("int64"),
    "user_ids.offsets": np.dtype("int64"),
    "user_ids.blob": np.dtype("uint8"),
}


class NotSorted(Exception):
    """The file is not in this order, or not in order at all: it must be read the slow way, which names the fault."""


class GrowingArray:
    """A `.npy` file of one dimension that is appended to; its header is settled at the end."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._file = path.open("w+b")
        self._dtype = dtype
        self._n = 0
        self._write_header()
        self._data_at = self._file.tell()

    def append(self, values: "array[Any] | bytes") -> None:
        """Append values whose bytes are those of the dtype."""
        self._file.write(values)
        self._n += len(values)

    def renumber(self, numbers: NDArray[Any]) -> None:
        """Replace each value v by numbers[v], batch by batch."""
        for start in range(0, self._n, BATCH_ROWS):
            n = min(BATCH_ROWS, self._n - start)
            self._file.seek(self._data_at + start * self._dtype.itemsize)
            values = np.frombuffer(self._file.read(n * self._dtype.itemsize), self._dtype)
            self._file.seek(self._data_at + start * self._dtype.itemsize)
            self._file.write(numbers[values].astype(self._dtype).tobytes())

    def settle(self) -> None:
        """Write the header again, now that the length is known: numpy leaves room in it for any length."""
        self._file.seek(0)
        self._write_header()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file, settled or not."""
        self._file.close()

    def _write_header(self) -> None:
        npy.write_array_header_1_0(
            self._file, {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self._n,)}
        )


class _Columns:
    """The columns of one import under way; `keep` puts the folder in its place, leaving the block drops it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
        self.n_rows = self._user = self._n_user_bytes = 0
        self._user_id: str | None = None
        self._time = 0
        self._items: dict[str, int] = {}
        self._types: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._partial.mkdir(parents=True)
        self._files = {name: GrowingArray(self._partial / f"{name}.npy", dtype) for name, dtype in DTYPES.items()}
        self._files["user_ids.offsets"].append(array("q", [0]))
        self._user = -1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def append(self, rows: list[list[str]]) -> None:
        """Append a batch of rows.

        Raises:
            NotSorted: a row out of order, or with a fault.
        """
        users, items, times, types, values = array("i"), array("i"), array("q"), array("b"), array("f")
        item_numbers, type_numbers = self._items, self._types
        for row in rows:
            try:
                user_id, item_id, time_text, event_type, value_text = row
                time = int(time_text)
                values.append(float(value_text) if value_text else float("nan"))
            except ValueError as error:
                raise NotSorted from error
            if user_id != self._user_id:
                self._begin_user(user_id, self.n_rows + len(users))
            elif time < self._time:
                raise NotSorted
            if not 0 <= time < MAX_EPOCH_S:
                raise NotSorted
            self._time = time
            users.append(self._user)
            times.append(time)
            number = item_numbers.get(item_id, -1)
            items.append(number if number >= 0 else _add(item_numbers, item_id))
            number = type_numbers.get(event_type, -1)
            types.append(number if number >= 0 else _add(type_numbers, event_type, at_most=MAX_EVENT_TYPES))
        for name, column in (
            ("users", users),
            ("items", items),
            ("timestamps", times),
            ("types", types),
            ("values", values),
        ):
            self._files[name].append(column)
        self.n_rows += len(users)

    def keep(self) -> None:
        """Number items and types in ascending order, as all columns are, and put the folder in its place."""
        self._files["starts"].append(array("q", [self.n_rows]))
        self._files["items"].renumber(self._settle("item_ids", self._items))
        self._files["types"].renumber(self._settle("event_types", self._types))
        for file in self._files.values():
            file.settle()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._partial.rename(self._folder)

    def _begin_user(self, user_id: str, row: int) -> None:
        is_later = self._user_id is None or user_id > self._user_id
        if not is_later or not user_id or user_id.isspace() or len(user_id) > MAX_ID_LENGTH:
            raise NotSorted
        self._user_id, self._user = user_id, self._user + 1
        encoded = user_id.encode()
        self._n_user_bytes += len(encoded)
        self._files["user_ids.blob"].append(encoded)
        self._files["user_ids.offsets"].append(array("q", [self._n_user_bytes]))
        self._files["starts"].append(array("q", [row]))

    def _settle(self, name: str, numbers: dict[str, int]) -> NDArray[np.int32]:
        """Write the table of a column's names in ascending order; return the new number of each old one."""
        names = sorted(numbers)
        table = StringTable.build(names)
        np.save(self._partial / f"{name}.offsets.npy", table.offsets, allow_pickle=False)
        np.save(self._partial / f"{name}.blob.npy", table.blob, allow_pickle=False)
        renumbered = np.zeros(max(len(names), 1), np.int32)
        renumbered[[numbers[each] for each in names]] = np.arange(len(names), dtype=np.int32)
        return renumbered


def write_sorted_columns(location: Path, folder: Path) -> int:
    """Write a sorted file's columns to a folder, whole or not at all; what was there is replaced.

    Memory grows with the number of items alone, however many rows and users there are.

    Args:
        location: a CSV of Personalize's five columns, in that order, ascending by user, then time.
        folder: where; its parents are made.

    Returns:
        The number of rows.

    Raises:
        NotSorted: the file is in another order, or a row has a fault; nothing was written.
        OSError: the file cannot be read or the folder not be written.
    """
    with location.open(encoding="utf-8-sig", newline="") as file, _Columns(folder) as under_way:
        try:
            reader = csv.reader(file)
            if next(reader, []) != HEADER:
                raise NotSorted
            for rows in _batches(reader):
                under_way.append(rows)
        except (csv.Error, UnicodeDecodeError) as error:
            raise NotSorted from error
        under_way.keep()
        return under_way.n_rows


def _batches(reader: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while rows := list(islice(reader, BATCH_ROWS)):
        yield rows


def _add(numbers: dict[str, int], name: str, at_most: int | None = None) -> int:
    if not name or name.isspace() or len(name) > MAX_ID_LENGTH or (at_most is not None and len(numbers) >= at_most):
        raise NotSorted
    numbers[name] = len(numbers)
    return numbers[name]
