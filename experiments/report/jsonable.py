"""The report as JSON: a stable schema that only grows; times in ISO 8601, shares as 0..1."""

import dataclasses
import json
from datetime import date, datetime
from typing import Any

from experiments.report.values import SCHEMA, Report


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain values, its schema's number first."""
    return {"schema": SCHEMA, **{key: _plain(value) for key, value in _fields(report)}}


def dump(report: Report) -> str:
    """The report as a JSON document; no NaN or infinity is ever in it."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {key: _plain(inner) for key, inner in _fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _fields(value: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
