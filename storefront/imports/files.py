"""A CSV file, plain or gzip, one row at a time, with its place for errors and progress."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from storefront.imports.faults import BadValue, ImportRefused

GZIP_MAGIC = b"\x1f\x8b"
# A longer field means an open quote that swallows the rest of the file.
MAX_FIELD = 65_536
# The csv module's words: the file ended inside quotes, and a value beyond MAX_FIELD.
UNCLOSED, TOO_LONG = "unexpected end of data", "field limit"
DOUBLE_QUOTES = "Double each quote inside a quoted value"


@dataclass(frozen=True, slots=True)
class Column:
    """Where the importer looks for a value: by default under `default`, or where the option says."""

    option: str
    default: str
    is_required: bool
    given: str | None = None

    @property
    def name(self) -> str:
        """The name to look for in the header."""
        return self.given or self.default


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it starts on, and its values by option; an absent column's value is empty."""

    line: int
    values: tuple[str, ...]
    is_whole: bool


class _RecordLines:
    """Hands lines to the CSV reader and keeps the first of the record being read, for its errors."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self.first = ""

    def begin(self, line: int) -> int:
        """The next line handed out begins a record."""
        self.first = ""
        return line

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line of the file."""
        line = next(self._text)
        self.first = self.first or line
        return line


class CsvFile:
    """Reads rows in constant memory; knows how much of the file it has read."""

    def __init__(self, path: Path, raw: BinaryIO, size: int) -> None:
        self.path = path
        self._raw = raw
        self._size = size
        self._text = _text_of(raw, path)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open the file for one reading.

        Raises:
            ImportRefused: it does not exist or cannot be read.
        """
        try:
            raw = path.open("rb")
        except OSError as error:
            raise ImportRefused(f"{path}: {error.strerror}. Give the path of a CSV file, plain or .gz.") from error
        with raw:
            yield cls(path, raw, path.stat().st_size)

    def share_read(self) -> float:
        """How much of the file was read, 0..1, by its bytes on disk."""
        return min(1.0, self._raw.tell() / max(1, self._size))

    def rows(self, columns: Mapping[str, Column]) -> Iterator[Row]:
        """Every row's values, in the order of `columns`.

        Raises:
            ImportRefused: a column is missing or there twice, there is no row, or the file breaks off or is no CSV.
        """
        csv.field_size_limit(MAX_FIELD)
        lines = _RecordLines(self._text)
        reader = csv.reader(lines, strict=True)
        header: list[str] = []
        # The line that the record being read starts on.
        line, n_rows = 1, 0
        try:
            header = [name.strip() for name in next(reader, [])]
            places = self._locate(header, columns)
            line = lines.begin(reader.line_num + 1)
            for fields in reader:
                if fields:
                    n_rows += 1
                    yield _row(line, fields, places)
                line = lines.begin(reader.line_num + 1)
        except csv.Error as error:
            raise ImportRefused(self._not_csv(error, line, reader.line_num, lines.first, header)) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ImportRefused(
                f"{self.path.name}, after line {reader.line_num:,}: the file breaks off or is damaged ({error}); "
                "nothing was imported. Copy or download it again."
            ) from error
        if not n_rows:
            raise ImportRefused(f"{self.path.name} holds no rows below its header; nothing was imported.")

    def _not_csv(self, error: csv.Error, line: int, last: int, text_of_line: str, header: list[str]) -> str:
        """What is wrong with the quotes of a record that starts on `line` and was read up to the line `last`."""
        where, nothing = f"{self.path.name}, line {line:,}", "nothing was imported"
        if last == line and UNCLOSED not in str(error):
            fix = f"Shorten the value to {MAX_FIELD:,} characters" if TOO_LONG in str(error) else DOUBLE_QUOTES
            return f"{where}: not readable as CSV ({error}); {nothing}. {fix}."
        # Read leniently, the line ends inside the value whose quote stays open.
        place = len(next(csv.reader([text_of_line[:MAX_FIELD]]), []))
        column = f", column {header[place - 1]}" if 0 < place <= len(header) else ""
        return f"{where}{column}: a quote is not closed ({error}); {nothing}. Close it, or double it if it is text."

    def _locate(self, names: list[str], columns: Mapping[str, Column]) -> list[int]:
        wanted = [column.name for column in columns.values()]
        repeated = next((name for name in wanted if names.count(name) > 1), None)
        if repeated is not None:
            raise ImportRefused(
                f"{self.path.name}, line 1: {names.count(repeated)} columns are named {repeated}; nothing was "
                "imported. Rename the ones that are not meant."
            )
        missing = [
            column
            for column in columns.values()
            if column.name not in names and (column.is_required or column.given is not None)
        ]
        if missing:
            options = " ".join(f"{column.option} NAME" for column in missing)
            raise ImportRefused(
                f"{self.path.name}, line 1: no column {', '.join(column.name for column in missing)}. The header has: "
                f"{', '.join(names) or 'nothing'}. Say which column is meant: {options}"
            )
        return [len(names), *(names.index(c.name) if c.name in names else -1 for c in columns.values())]


def _text_of(raw: BinaryIO, path: Path) -> io.TextIOWrapper:
    is_gzip = path.suffix == ".gz" or raw.peek(2)[:2] == GZIP_MAGIC  # type: ignore[attr-defined]
    binary = gzip.GzipFile(fileobj=raw) if is_gzip else raw
    # What is no UTF-8 is kept as lone surrogates, which `text` below names as a fault of its row.
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _row(line: int, fields: list[str], places: list[int]) -> Row:
    n_fields, *wanted = places
    if len(fields) != n_fields:
        return Row(line, (f"{len(fields)} fields", f"{n_fields} fields as in the header"), is_whole=False)
    return Row(line, tuple(fields[place].strip() if place >= 0 else "" for place in wanted), is_whole=True)


def text(value: str, *, longest: int, is_required: bool = True) -> str:
    """A printable value.

    Raises:
        BadValue: it is empty, too long, or holds bytes that are no UTF-8 or no printable text.
    """
    if not value and is_required:
        raise BadValue("empty", "a value", "Fill it in, or leave the row out.")
    if len(value) > longest:
        raise BadValue("too long", f"at most {longest} characters", "Shorten it.")
    if not value.isprintable():
        raise BadValue("not text", "printable UTF-8", "Save the file as UTF-8, without control characters.")
    return value
