"""Reads attributes of items or users from CSV: Amazon Personalize's with a schema, or any table by what it holds."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.exceptions import InvalidMetadata
from recommendations.engine.reading import MAX_EPOCH_S, MAX_ID_LENGTH, MISSING_VALUES, open_text

# Between the categories of one row: Amazon Personalize developer guide, "Items dataset requirements".
SEPARATOR = "|"
# A column of words is one of categories where its values are at most so long, and as often repeated.
LONGEST_CATEGORY = 64
MOST_DIFFERENT = 0.5
NUMBERS = frozenset({"float", "double", "int", "long"})
CREATION_TIME = "CREATION_TIMESTAMP"
CREATION_TIMES = frozenset({"creation_timestamp", "created_at", "first_seen"})

Kind = Literal["id", "time", "category", "number", "text", "none"]


@dataclass(slots=True)
class _Column:
    """One column under way, parsed as it comes, so that equal texts are kept once."""

    name: str
    kind: Kind
    texts: list[Any] = field(default_factory=list)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    known: dict[str, Any] = field(default_factory=dict)

    def add(self, text: str, line: int) -> None:
        if self.kind == "id":
            _check_id(text, line, self.name)
        if self.kind in {"number", "time"}:
            self.numbers.append(_parse_number(text, line, self.name, is_time=self.kind == "time"))
        elif self.kind == "category":
            self.texts.append(self.known.setdefault(text, tuple(part.strip() for part in text.split(SEPARATOR))))
        elif self.kind != "none":
            self.texts.append(text)


class _Guess:
    """Tells what a column holds, from its values one after another."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._n = self._longest = 0
        self._are_numbers = self._are_times = True
        self._is_multiple = False
        self._different: set[str] = set()

    def look_at(self, text: str) -> None:
        """Take one more value into account; a missing one tells nothing."""
        if text in MISSING_VALUES:
            return
        self._n += 1
        self._longest = max(self._longest, len(text))
        self._is_multiple = self._is_multiple or SEPARATOR in text
        self._different.add(text)
        self._are_numbers = self._are_numbers and _is_number(text)
        self._are_times = self._are_times and text.isdecimal() and int(text) < MAX_EPOCH_S

    def kind(self) -> Kind:
        """Return what the values are."""
        if not self._n:
            return "none"
        if self._are_numbers:
            return "time" if self._are_times and self.name.lower() in CREATION_TIMES else "number"
        is_repeated = len(self._different) <= MOST_DIFFERENT * self._n
        is_category = self._is_multiple or (is_repeated and self._longest <= LONGEST_CATEGORY)
        return "category" if is_category else "text"


def read_metadata_csv(path: str | Path, schema: Mapping[str, Any], *, keeps_plain: bool = False) -> Metadata:
    """Read a dataset of Amazon Personalize's Items or Users, plain or `.gz`.

    Args:
        path: the file; UTF-8 with a header row.
        schema: the dataset's Avro schema. Strings that are neither `categorical` nor `textual` are passed over, as
            Amazon Personalize does not train on them; a category may hold several, `|` between them.
        keeps_plain: whether those strings are read as categories all the same, for filters.

    Returns:
        One row an id.

    Raises:
        InvalidMetadata: a column is missing, a row bad, or an id repeated; names the line, the column and the fix.

    Source:
        Amazon Personalize developer guide, "Schema JSON" and "Items dataset requirements".
    """
    kinds = {entry["name"]: kind_of(entry, keeps_plain=keeps_plain) for entry in schema["fields"]}
    return _read(Path(path), kinds, "ITEM_ID or USER_ID")


def read_items_csv(path: str | Path) -> Metadata:
    """Read a table of items by what its columns hold; see `read_table_csv`. The ids are in `item_id`."""
    return read_table_csv(path, "item_id")


def read_users_csv(path: str | Path) -> Metadata:
    """Read a table of users by what its columns hold; see `read_table_csv`. The ids are in `user_id`."""
    return read_table_csv(path, "user_id")


def read_table_csv(path: str | Path, id_column: str) -> Metadata:
    """Read any table with a column of ids, plain or `.gz`; what its other columns are is told by their values.

    A column of numbers is numerical; words that are short and often repeated, or have a `|` between them, are
    categories; all else is text. `creation_timestamp`, `created_at` or `first_seen` in whole epoch seconds is when a
    row was created.

    Args:
        path: the file; UTF-8 with a header row.
        id_column: the name of the column of ids, in any case of letters.

    Raises:
        InvalidMetadata: no such column, a bad row, or an id repeated; names the line, the column and the fix.
    """
    try:
        return _read(Path(path), _guess_kinds(Path(path), id_column), id_column)
    except InvalidMetadata as error:
        raise InvalidMetadata(f"{Path(path).name}: {error}") from error


def _guess_kinds(path: Path, id_column: str) -> dict[str, Kind]:
    with _open_table(path) as (header, rows):
        guesses = [_Guess(name) for name in header]
        for _, row in rows:
            for guess, text in zip(guesses, row, strict=True):
                guess.look_at(text)
    return {guess.name: "id" if guess.name.lower() == id_column else guess.kind() for guess in guesses}


def _read(path: Path, kinds: Mapping[str, Kind], id_column: str) -> Metadata:
    with _open_table(path) as (header, rows):
        missing = [name for name in kinds if name not in header] or ([] if "id" in kinds.values() else [id_column])
        if missing:
            raise InvalidMetadata(
                f"The file is missing the following columns: {', '.join(missing)}. "
                f"Its header has: {', '.join(header) or 'nothing'}."
            )
        columns = [_Column(name, kinds.get(name, "none")) for name in header]
        for line, row in rows:
            for column, text in zip(columns, row, strict=True):
                column.add(text, line)
    return _settle(columns)


def _settle(columns: Iterable[_Column]) -> Metadata:
    by_kind: dict[Kind, dict[str, Any]] = {kind: {} for kind in get_args(Kind)}
    for column in columns:
        by_kind[column.kind][column.name] = column.numbers if column.kind in {"number", "time"} else column.texts
    times = next(iter(by_kind["time"].values()), None)
    return Metadata.build(
        next(iter(by_kind["id"].values())),
        None if times is None else [UNKNOWN_TIME if math.isnan(time) else int(time) for time in times],
        by_kind["category"],
        by_kind["number"],
        by_kind["text"],
    )


@contextmanager
def _open_table(path: Path) -> Iterator[tuple[list[str], Iterator[tuple[int, list[str]]]]]:
    """Open a CSV file: its header, and its rows with the line that each ends at."""
    with open_text(path) as file:
        reader = csv.reader(file)
        try:
            header = [name.strip() for name in next(reader, [])]
            yield header, ((reader.line_num, _fit(row, header, reader.line_num)) for row in reader if row)
        except csv.Error as error:
            message = f"Line {reader.line_num}: not readable as CSV ({error}). Check its quotes."
            raise InvalidMetadata(message) from error
        except (UnicodeDecodeError, EOFError) as error:
            message = f"After line {reader.line_num}: not readable ({error}). Give CSV in UTF-8."
            raise InvalidMetadata(message) from error


def _fit(row: list[str], header: Sequence[str], line: int) -> list[str]:
    if len(row) != len(header):
        raise InvalidMetadata(f"Line {line}: {len(row)} columns where the header has {len(header)}.")
    return row


def kind_of(entry: Mapping[str, Any], *, keeps_plain: bool = False) -> Kind:
    """Return what a field of a schema holds, `category` for example; `none` for what is not trained on.

    Args:
        entry: of the schema's fields.
        keeps_plain: whether a string that is neither categorical nor textual is a category, as filters take it.
    """
    name = entry["name"]
    if name in {"ITEM_ID", "USER_ID"}:
        return "id"
    if name == CREATION_TIME:
        return "time"
    kinds = {entry["type"]} if isinstance(entry["type"], str) else set(entry["type"])
    if entry.get("categorical"):
        return "category"
    if entry.get("textual"):
        return "text"
    if kinds & NUMBERS:
        return "number"
    return "category" if keeps_plain and "string" in kinds else "none"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _parse_number(text: str, line: int, column: str, *, is_time: bool) -> float:
    if text in MISSING_VALUES:
        return float("nan")
    try:
        number = float(text)
    except ValueError:
        raise InvalidMetadata(
            f"Line {line}, column {column}: {text!r} is not a number. Leave it empty where there is none."
        ) from None
    if not math.isfinite(number):
        raise InvalidMetadata(f"Line {line}, column {column}: {text!r} is not finite. Leave it empty.")
    if is_time and not 0 <= number < MAX_EPOCH_S:
        raise InvalidMetadata(
            f"Line {line}, column {column}: {text!r} is out of range. Give epoch seconds, not milliseconds."
        )
    return number


def _check_id(text: str, line: int, column: str) -> None:
    if not text or text.isspace():
        raise InvalidMetadata(f"Line {line}, column {column}: empty. Give every row an id.")
    if len(text) > MAX_ID_LENGTH:
        raise InvalidMetadata(
            f"Line {line}, column {column}: {len(text)} characters; at most {MAX_ID_LENGTH} are allowed."
        )
