"""The three datasets of Amazon Personalize: their Avro schemas, their columns, and the check of a row."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastavro import parse_schema
from fastavro.validation import validate

from recommendations.engine.attributes.metadata import Metadata
from recommendations.exceptions import InvalidInput
from recommendations.ports import DatasetType

NAMESPACE = "com.amazonaws.personalize.schema"
# Amazon Personalize developer guide, "Quotas": characters of an id, and of a categorical value.
MAX_ID_LENGTH = 256
MAX_VALUE_LENGTH = 1000
# Seconds reach this in the year 5138; a larger number is a time in milliseconds.
MAX_EPOCH_S = 100_000_000_000
# One column of text may be longer: Amazon Personalize developer guide, "Unstructured text metadata".
MAX_TEXT_LENGTH = 20_000
REQUIRED_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
IDS = frozenset({"USER_ID", "ITEM_ID"})
WHOLE = frozenset({"int", "long"})
NUMBERS = frozenset({"float", "double"})
TIMES = frozenset({"TIMESTAMP", "CREATION_TIMESTAMP"})

# What an export sums up of all of a shopper's events: whoever learns to foretell these from it is told the answers.
SUMMED_UP = frozenset({"FAVOURITE_CATEGORY"})

Record = Mapping[str, object]


def _schema(name: str, *fields: Mapping[str, object]) -> Mapping[str, Any]:
    return {"type": "record", "name": name, "namespace": NAMESPACE, "fields": list(fields), "version": "1.0"}


def _categorical(name: str, kind: object = "string") -> dict[str, object]:
    return {"name": name, "type": kind, "categorical": True}


# Source: Amazon Personalize developer guide, "Schema JSON"; string metadata that is not categorical is not trained on.
SCHEMAS: Mapping[DatasetType, Mapping[str, Any]] = MappingProxyType(
    {
        DatasetType.INTERACTIONS: _schema(
            "Interactions",
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
            {"name": "EVENT_TYPE", "type": "string"},
            {"name": "EVENT_VALUE", "type": ["float", "null"]},
        ),
        DatasetType.ITEMS: _schema(
            "Items",
            {"name": "ITEM_ID", "type": "string"},
            {"name": "CREATION_TIMESTAMP", "type": "long"},
            _categorical("CATEGORY_L1"),
            _categorical("BRAND"),
            {"name": "PRICE", "type": ["float", "null"]},
        ),
        DatasetType.USERS: _schema(
            "Users",
            {"name": "USER_ID", "type": "string"},
            _categorical("FIRST_SEEN_MONTH"),
            _categorical("FAVOURITE_CATEGORY"),
        ),
    }
)


def columns(dataset_type: DatasetType) -> tuple[str, ...]:
    """Return the columns of a dataset, in the order of its files."""
    return tuple(field["name"] for field in SCHEMAS[dataset_type]["fields"])


def check_file(location: Path, dataset_type: DatasetType = DatasetType.INTERACTIONS) -> None:
    """Refuse a file that no import of the shop's columns could read.

    Raises:
        InvalidInput: it is not there, or lacks a column.
    """
    required = REQUIRED_COLUMNS if dataset_type is DatasetType.INTERACTIONS else columns(dataset_type)
    require_columns(location, required)


def require_columns(location: Path, required: tuple[str, ...]) -> None:
    """Refuse a CSV file whose header lacks a column.

    Raises:
        InvalidInput: it lacks some, which the message lists as Amazon does, or it cannot be read.
    """
    try:
        with location.open(encoding="utf-8-sig") as file:
            header = [name.strip() for name in file.readline().split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"location == {str(location)!r} cannot be read: {error}.") from error
    missing = [name for name in required if name not in header]
    if missing:
        raise InvalidInput(f"Input CSV is missing the following columns:[{', '.join(missing)}].")


class RowCheck:
    """Checks rows of one dataset against its schema, and against the limits that a schema cannot say.

    Args:
        schema: a flat Avro record; SCHEMAS has those of the shop.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._kinds = {field["name"]: field["type"] for field in schema["fields"]}
        self.columns = tuple(self._kinds)
        self._parsed = parse_schema(json.loads(json.dumps(schema)))
        self._strings = tuple(
            (field["name"], _longest(field)) for field in schema["fields"] if field["type"] == "string"
        )
        self._times = tuple(name for name in self.columns if name in TIMES)
        self._numbers = tuple(name for name, kind in self._kinds.items() if _kinds_of(kind) & NUMBERS)

    def fault(self, record: Record) -> str:
        """Return why a row is refused, as a reason that rows can be counted by; empty for a good row.

        Args:
            record: column -> value, in the schema's types.
        """
        if not validate(record, self._parsed, raise_errors=False):
            return self._misfit(record)
        for name, limit in self._strings:
            value: Any = record[name]
            if not value:
                return f"{name} is empty"
            if len(value) > limit:
                return f"{name} is longer than {limit} characters"
        for name in self._times:
            seconds: Any = record[name]
            if seconds is not None and not 0 <= seconds < MAX_EPOCH_S:
                return f"{name} is not in epoch seconds"
        for name in self._numbers:
            number: Any = record[name]
            if number is not None and not _is_finite(number):
                return f"{name} is not a finite number"
        return ""

    def _misfit(self, record: Record) -> str:
        for name, kind in self._kinds.items():
            if name not in record:
                return f"{name} is missing"
            if not validate(record[name], kind, raise_errors=False):
                return f"{name} is no {' or '.join(kind) if isinstance(kind, list) else kind}"
        return "it is no record of the schema"


def parse_text(kind: object, text: str) -> object:
    """Return a column's text, as a CSV file has it, in its schema's type; text that does not fit stays text.

    Args:
        kind: the column's Avro type, a name or a list of names.
        text: empty stands for null where the column may be null.
    """
    kinds = _kinds_of(kind)
    if "null" in kinds and not text:
        return None
    try:
        if kinds & WHOLE:
            return int(text)
        if kinds & NUMBERS:
            return float(text)
    except ValueError:
        return text
    if "boolean" in kinds and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text


def _kinds_of(kind: object) -> frozenset[str]:
    return frozenset([kind] if isinstance(kind, str) else kind if isinstance(kind, list) else [])


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        # A whole number of hundreds of digits.
        return False


def _longest(field: Mapping[str, Any]) -> int:
    if field["name"] in IDS:
        return MAX_ID_LENGTH
    return MAX_TEXT_LENGTH if field.get("textual") or not field.get("categorical") else MAX_VALUE_LENGTH


def without_summaries(users: Metadata | None) -> Metadata | None:
    """Return what is known of users but for what their own events tell, as models learn and are measured."""
    if users is None:
        return None
    return replace(users, categorical={name: one for name, one in users.categorical.items() if name not in SUMMED_UP})
