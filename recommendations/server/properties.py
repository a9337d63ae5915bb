"""PURE properties of what is put, JSON in text: an event's, and those of items and users by a schema's columns."""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from recommendations.server.wire.faults import invalid
from recommendations.server.wire.text import is_text

# Amazon Personalize API reference, Event: the most characters of an item's id.
MAX_ITEM_ID = 256
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_event(event: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """Return an event with the item and the value that only its properties name, as the API's first years had it.

    Args:
        event: a member of the request's `eventList`.
        field: how a refusal calls it.

    Raises:
        ApiFault: InvalidInputException where the properties are no object, or their item or value is none.
    """
    if "properties" not in event:
        return event
    given = _read_object(event["properties"], f"{field}.properties")
    read = dict(event)
    item_id, value = given.get("itemId"), given.get("eventValue")
    if "itemId" not in event and item_id is not None:
        is_named = isinstance(item_id, str | int) and not isinstance(item_id, bool)
        if not is_named or not 1 <= len(str(item_id)) <= MAX_ITEM_ID or not is_text(str(item_id)):
            raise invalid(f"{field}.properties.itemId: give text of 1 to {MAX_ITEM_ID} characters.")
        read["itemId"] = str(item_id)
    if "eventValue" not in event and value is not None:
        read["eventValue"] = _number(value, f"{field}.properties.eventValue")
    return read


def read_properties(text: str, schema: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Return each column's value, None where nothing is given.

    Args:
        text: a JSON object; `{"categoryL1": "shoes"}` sets the column CATEGORY_L1.
        schema: the dataset's.
        field: how a refusal calls it.

    Raises:
        ApiFault: InvalidInputException where it is no object, names no column, or a value is of another type.
    """
    given = _read_object(text, field)
    columns = {entry["name"]: entry["type"] for entry in schema["fields"]}
    names = {_plain(name): name for name in columns}
    values: dict[str, Any] = dict.fromkeys(columns)
    for name, value in given.items():
        column = name if name in columns else names.get(_plain(name))
        if column is None:
            raise invalid(f"{field}.{name}: the schema has no such column; it has {', '.join(columns)}.")
        values[column] = _typed(value, columns[column])
        if isinstance(values[column], str) and not is_text(values[column]):
            raise invalid(f"{field}.{name}: it holds NUL or half of a character; give text.")
    return values


def to_column(name: str) -> str:
    """Return a property's name as a column: `categoryL1` is CATEGORY_L1."""
    return _HUMP.sub("_", name).upper()


def _read_object(text: str, field: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"{field}: give a JSON object as text.") from error
    if not isinstance(given, dict):
        raise invalid(f"{field}: give a JSON object as text.")
    return given


def _number(value: object, field: str) -> float:
    """A number, or one as text."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    raise invalid(f"{field}: give a number.")


def _plain(name: str) -> str:
    return to_column(name).replace("_", "")


def _typed(value: Any, kind: object) -> Any:
    """A number may come as text, as the guide's own example has it."""
    kinds = {kind} if isinstance(kind, str) else set(kind) if isinstance(kind, list) else set()
    if isinstance(value, str) and "string" not in kinds:
        try:
            return int(value) if kinds & {"int", "long"} else float(value)
        except ValueError:
            return value
    if isinstance(value, int) and not isinstance(value, bool) and kinds & {"float", "double"}:
        with suppress(OverflowError):
            return float(value)
    return "|".join(map(str, value)) if isinstance(value, list) and "string" in kinds else value
