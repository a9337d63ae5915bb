"""Reads a request's JSON against its operation's shape: what boto3 does not check on the way out is checked here."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from recommendations.server.wire.faults import ApiFault, invalid
from recommendations.server.wire.text import is_text

# The latest moment that a timestamp may name: the last second of the year 9999.
MAX_EPOCH_S = 253_402_300_799
MAX_DEPTH = 20
# A fault repeats at most so much of what was sent.
SHOWN = 100

# The one exception to Amazon's patterns: data may also lie in a local file.
WIDER_PATTERNS = {"S3Location": r"(s3|http|https|file)://.+"}

Parameters = Mapping[str, Any]


def read_parameters(body: bytes, shape: Shape | None) -> Parameters:
    """Return what a request asks for: known members only, timestamps as aware datetimes, absent ones left out.

    Args:
        body: JSON; nothing at all is an empty object.
        shape: the operation's input; None where it takes none.

    Raises:
        ApiFault: SerializationException where it is no JSON of these types, InvalidInputException where a value breaks
            a constraint of the shape; the message names each member that does.
    """
    try:
        given = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _unreadable("the body is no JSON in UTF-8") from error
    if shape is None:
        return {}
    read = _convert(shape, given, "", 0)
    broken = list(_broken(shape, read, ""))
    if broken:
        errors = "error" if len(broken) == 1 else "errors"
        raise invalid(f"{len(broken)} validation {errors} detected: {'; '.join(broken)}")
    parameters: Parameters = read
    return parameters


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unreadable(fault: str) -> ApiFault:
    return ApiFault("SerializationException", f"The request cannot be read: {fault}.")


def _convert(shape: Shape, value: Any, path: str, depth: int) -> Any:
    """Return the value in the types of the shape; null members are absent ones, unknown members are left out."""
    if depth > MAX_DEPTH:
        raise _unreadable(f"{path} is nested too deep")
    if isinstance(shape, StructureShape):
        given = _expect(value, dict, path, "an object")
        members = shape.members
        return {
            name: _convert(members[name], each, _join(path, name), depth + 1)
            for name, each in given.items()
            if name in members and each is not None
        }
    if isinstance(shape, MapShape):
        given = _expect(value, dict, path, "an object")
        return {
            _text(key, path): _convert(shape.value, each, _join(path, key), depth + 1) for key, each in given.items()
        }
    if isinstance(shape, ListShape):
        listed = _expect(value, list, path, "a list")
        return [
            _convert(shape.member, each, f"{path}.{place}.member", depth + 1) for place, each in enumerate(listed, 1)
        ]
    return _convert_scalar(shape, value, path)


def _convert_scalar(shape: Shape, value: Any, path: str) -> Any:
    kind = shape.type_name
    if kind == "string":
        # `properties` is JSON in a string; some clients send the object itself.
        if shape.serialization.get("jsonvalue") and isinstance(value, dict):
            return json.dumps(value, separators=(",", ":"))
        return _text(_expect(value, str, path, "a string"), path)
    if kind == "boolean":
        return _expect(value, bool, path, "true or false")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unreadable(f"{path} is {_shown(value)}, must be a number")
    if not math.isfinite(value):
        raise _unreadable(f"{path} is out of range")
    if kind in {"integer", "long"}:
        if value != int(value) or not -(2**63) <= value < 2**63:
            raise _unreadable(f"{path} is {_shown(value)}, must be a whole number")
        return int(value)
    if kind == "timestamp":
        if not 0 <= value <= MAX_EPOCH_S:
            raise invalid(f"{path} == {_shown(value)}: give seconds since 1970-01-01, not milliseconds")
        return datetime.fromtimestamp(value, UTC)
    return float(value)


def _text(value: str, path: str) -> str:
    if not is_text(value):
        raise invalid(f"{path}: it holds NUL or half of a character; give text.")
    return value


def _expect(value: Any, kind: type, path: str, wanted: str) -> Any:
    if not isinstance(value, kind):
        raise _unreadable(f"{path or 'the body'} is {_shown(value)}, must be {wanted}")
    return value


def _broken(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield each broken constraint, in Amazon's words."""
    for constraint in _constraints_broken(shape, value):
        yield f"Value {_shown(value)} at {path!r} failed to satisfy constraint: Member must {constraint}"
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if name not in value:
                at = repr(_join(path, name))
                yield f"Value null at {at} failed to satisfy constraint: Member must not be null"
        for name, each in value.items():
            yield from _broken(shape.members[name], each, _join(path, name))
    elif isinstance(shape, ListShape):
        for place, each in enumerate(value, 1):
            yield from _broken(shape.member, each, f"{path}.{place}.member")
    elif isinstance(shape, MapShape):
        for key, each in value.items():
            yield from _broken(shape.key, key, _join(path, key))
            yield from _broken(shape.value, each, _join(path, key))


def _constraints_broken(shape: Shape, value: Any) -> Iterator[str]:
    limits = shape.metadata
    if shape.type_name in {"string", "list", "map"}:
        yield from _out_of_bounds(limits, len(value), "length")
    elif shape.type_name in {"integer", "long", "float", "double"}:
        yield from _out_of_bounds(limits, value, "value")
    if isinstance(shape, StringShape):
        if shape.enum and value not in shape.enum:
            yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
        # A string that is too long is not searched: patterns are Amazon's, lengths the client's.
        pattern = WIDER_PATTERNS.get(shape.name, limits.get("pattern"))
        is_searched = pattern is not None and len(value) <= limits.get("max", len(value))
        if is_searched and _pattern(pattern).fullmatch(value) is None:
            yield f"satisfy regular expression pattern: {pattern}"


def _out_of_bounds(limits: Mapping[str, Any], amount: float, what: str) -> Iterator[str]:
    if amount < limits.get("min", amount):
        yield f"have {what} greater than or equal to {limits['min']}"
    if amount > limits.get("max", amount):
        yield f"have {what} less than or equal to {limits['max']}"


@cache
def _pattern(text: str) -> "regex.Pattern[str]":
    # Written for Java, whose properties of characters Python's own `re` does not know.
    return regex.compile(text)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}...")
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    return str(value)[:SHOWN]
