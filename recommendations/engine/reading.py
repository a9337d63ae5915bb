"""Reads interactions from CSV, in Amazon Personalize's five columns or columns mapped to them."""

from __future__ import annotations

import csv
import gzip
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.exceptions import InvalidInteractions
from recommendations.engine.interactions import Interactions

MAX_ID_LENGTH = 256
# Seconds reach this in the year 5138; a larger number is a time in milliseconds.
MAX_EPOCH_S = 100_000_000_000
MISSING_VALUES = frozenset({"", "null", "NULL", "None", "nan", "NaN"})


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """The names under which a file keeps the five columns.

    `event_type` and `event_value` may be absent from the file; `default_event_type` stands in for the former. Where
    `only` names a column and a value, all other rows are passed over.
    """

    user_id: str = "USER_ID"
    item_id: str = "ITEM_ID"
    timestamp: str = "TIMESTAMP"
    event_type: str = "EVENT_TYPE"
    event_value: str = "EVENT_VALUE"
    default_event_type: str = "interaction"
    only: tuple[str, str] | None = None


class _LineReader(Protocol):
    # What csv.reader returns has no public name.
    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(slots=True)
class _Ids:
    """Numbers ids in order of appearance; `settle` renumbers them in ascending order of the id."""

    numbers: dict[str, int] = field(default_factory=dict)
    rows: array[int] = field(default_factory=lambda: array("i"))

    def settle(self) -> tuple[list[str], NDArray[np.int32]]:
        names = sorted(self.numbers)
        renumbered = np.empty(len(names), np.int32)
        renumbered[[self.numbers[name] for name in names]] = np.arange(len(names), dtype=np.int32)
        return names, renumbered[np.frombuffer(self.rows, np.int32)] if self.rows else np.empty(0, np.int32)


def read_csv(path: str | Path, columns: CsvColumns | None = None) -> Interactions:
    """Read a CSV file, plain or `.gz`, one row at a time.

    Args:
        path: the file; UTF-8 with a header row.
        columns: the file's own column names; Amazon Personalize's by default.

    Returns:
        The interactions, sorted by user and time.

    Raises:
        InvalidInteractions: a missing column, or a bad row; names the line, the column and the fix.

    Source:
        Amazon Personalize developer guide, "Interactions dataset requirements": epoch seconds, ids up to 256
        characters.
    """
    names = columns or CsvColumns()
    with open_text(Path(path)) as file:
        reader = csv.reader(file)
        try:
            where = _locate(next(reader, []), names, Path(path))
            return _read_rows(reader, where, names)
        except csv.Error as error:
            raise InvalidInteractions(
                f"Line {reader.line_num}: not readable as CSV ({error}). Check its quotes."
            ) from error
        except UnicodeDecodeError as error:
            message = f"After line {reader.line_num}: not UTF-8 ({error.reason}). Convert the file to UTF-8."
            raise InvalidInteractions(message) from error


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file, plain or `.gz`, whose byte order mark, if any, is passed over."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file


def read_header(path: str | Path) -> tuple[str, ...]:
    """Return the names in a CSV file's first line, without the spaces around them; none of an empty file.

    Raises:
        InvalidInteractions: the file is not readable as text.
    """
    with open_text(Path(path)) as file:
        try:
            return tuple(name.strip() for name in next(csv.reader(file), []))
        except (csv.Error, UnicodeDecodeError, OSError, EOFError) as error:
            raise InvalidInteractions(f"{Path(path).name} is not readable: {error}. Give CSV in UTF-8.") from error


def _locate(header: list[str], names: CsvColumns, path: Path) -> tuple[int, int, int, int, int, int]:
    """Return each column's place in the header, -1 for an absent optional one."""
    places = {name.strip(): place for place, name in enumerate(header)}
    required = (names.user_id, names.item_id, names.timestamp, *((names.only[0],) if names.only else ()))
    missing = [name for name in required if name not in places]
    if missing:
        raise InvalidInteractions(
            f"{path.name} is missing the following columns: {', '.join(missing)}. "
            f"Its header has: {', '.join(places) or 'nothing'}. Map the columns, or add a header row."
        )
    user, item, timestamp = (places[name] for name in required[:3])
    only = places.get(names.only[0], -1) if names.only else -1
    return user, item, timestamp, places.get(names.event_type, -1), places.get(names.event_value, -1), only


def _read_rows(
    reader: _LineReader,
    where: tuple[int, int, int, int, int, int],
    names: CsvColumns,
) -> Interactions:
    user_at, item_at, time_at, type_at, value_at, only_at = where
    wanted = names.only[1] if names.only else ""
    users, items, types = _Ids(), _Ids(), _Ids()
    times, values = array("q"), array("f")
    needed = max(where) + 1
    for row in reader:
        if len(row) < needed:
            if not row:
                continue
            raise InvalidInteractions(
                f"Line {reader.line_num}: {len(row)} columns where the header has at least {needed}."
            )
        if only_at >= 0 and row[only_at] != wanted:
            continue
        user_id, item_id = row[user_at], row[item_at]
        event_type = row[type_at] if type_at >= 0 else names.default_event_type
        number = users.numbers.get(user_id, -1)
        users.rows.append(number if number >= 0 else _add(users, user_id, reader.line_num, names.user_id))
        number = items.numbers.get(item_id, -1)
        items.rows.append(number if number >= 0 else _add(items, item_id, reader.line_num, names.item_id))
        number = types.numbers.get(event_type, -1)
        types.rows.append(number if number >= 0 else _add(types, event_type, reader.line_num, names.event_type))
        times.append(_parse_time(row[time_at], reader.line_num, names.timestamp))
        values.append(
            _parse_value(row[value_at], reader.line_num, names.event_value) if value_at >= 0 else float("nan")
        )
    return _settle(users, items, types, times, values)


def _settle(users: _Ids, items: _Ids, types: _Ids, times: array[int], values: array[float]) -> Interactions:
    user_ids, user_index = users.settle()
    item_ids, item_index = items.settle()
    event_types, type_index = types.settle()
    return Interactions.from_indices(
        user_ids,
        item_ids,
        event_types,
        user_index,
        item_index,
        np.array(times, np.int64),
        type_index,
        np.array(values, np.float32),
    )


def _add(ids: _Ids, value: str, line: int, column: str) -> int:
    if not value or value.isspace():
        raise InvalidInteractions(f"Line {line}, column {column}: empty. Give every row an id.")
    if len(value) > MAX_ID_LENGTH:
        raise InvalidInteractions(
            f"Line {line}, column {column}: {len(value)} characters; at most {MAX_ID_LENGTH} are allowed."
        )
    number = len(ids.numbers)
    ids.numbers[value] = number
    return number


def _parse_time(text: str, line: int, column: str) -> int:
    try:
        timestamp = int(text)
    except ValueError:
        message = f"Line {line}, column {column}: {text!r} is not a whole number of epoch seconds."
        raise InvalidInteractions(message) from None
    if not 0 <= timestamp < MAX_EPOCH_S:
        raise InvalidInteractions(
            f"Line {line}, column {column}: {text!r} is out of range. Give epoch seconds, not milliseconds."
        )
    return timestamp


def _parse_value(text: str, line: int, column: str) -> float:
    if text in MISSING_VALUES:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        message = f"Line {line}, column {column}: {text!r} is not a number. Leave it empty where there is no value."
        raise InvalidInteractions(message) from None
