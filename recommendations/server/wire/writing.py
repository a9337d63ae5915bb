"""Writes an answer as JSON, held to its operation's output shape: botocore's parser would take anything."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from recommendations.server.wire.faults import ApiFault

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime,
}


class WrongAnswer(Exception):
    """An answer that does not fit its operation's output; the fault is the server's own."""


def write_answer(answer: Mapping[str, Any], shape: Shape | None) -> bytes:
    """Return an answer's JSON; members that are None are left out, datetimes become seconds since 1970.

    Args:
        answer: by member name.
        shape: the operation's output; None where it has no body.

    Raises:
        WrongAnswer: a member is unknown, required and missing, or of another type.
    """
    if shape is None:
        if answer:
            raise WrongAnswer(f"The operation has no answer, but gave {', '.join(answer)}.")
        return b""
    return json.dumps(_plain(shape, answer, "answer"), separators=(",", ":"), allow_nan=False).encode()


def write_fault(fault: ApiFault) -> bytes:
    """Return a fault's JSON, as both protocols send it."""
    return json.dumps({"__type": fault.code, "message": fault.message}, separators=(",", ":")).encode()


def _plain(shape: Shape, value: Any, path: str) -> Any:
    if isinstance(shape, StructureShape):
        if not isinstance(value, Mapping):
            raise WrongAnswer(f"{path} is {type(value).__name__}, must be a mapping.")
        unknown = set(value) - set(shape.members)
        if unknown:
            raise WrongAnswer(f"{path} has {min(unknown)!r}, which {shape.name} does not know.")
        given = {name: each for name, each in value.items() if each is not None}
        missing = [name for name in shape.required_members if name not in given]
        if missing:
            raise WrongAnswer(f"{path} lacks {missing[0]!r}.")
        return {name: _plain(shape.members[name], each, f"{path}.{name}") for name, each in given.items()}
    if isinstance(shape, ListShape):
        if not isinstance(value, list | tuple):
            raise WrongAnswer(f"{path} is {type(value).__name__}, must be a list.")
        return [_plain(shape.member, each, f"{path}[{place}]") for place, each in enumerate(value)]
    if isinstance(shape, MapShape):
        if not isinstance(value, Mapping):
            raise WrongAnswer(f"{path} is {type(value).__name__}, must be a mapping.")
        return {
            _plain(shape.key, key, f"{path} key"): _plain(shape.value, each, f"{path}.{key}")
            for key, each in value.items()
        }
    return _plain_scalar(shape, value, path)


def _plain_scalar(shape: Shape, value: Any, path: str) -> Any:
    kind = shape.type_name
    if not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise WrongAnswer(f"{path} is {type(value).__name__}, must be {kind}.")
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, float) and not math.isfinite(value):
        raise WrongAnswer(f"{path} is {value}, which JSON cannot hold.")
    if isinstance(value, str) and len(value) > shape.metadata.get("max", len(value)):
        raise WrongAnswer(f"{path} is longer than {shape.metadata['max']} characters.")
    return value
