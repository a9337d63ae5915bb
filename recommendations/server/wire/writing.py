"""Writes an answer as JSON, held to its operation's output shape: botocore's parser would take anything."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Self

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
    try:
        plain = _writer(shape)(answer)
    except _Lacking as error:
        raise WrongAnswer(str(error)) from error
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).encode()


def write_fault(fault: ApiFault) -> bytes:
    """Return a fault's JSON, as both protocols send it."""
    return json.dumps({"__type": fault.code, "message": fault.message}, separators=(",", ":")).encode()


class _Lacking(Exception):
    """What is wrong with a part of an answer, and where, from the inside out."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.path: list[str] = []

    def within(self, place: str) -> Self:
        """Note what the part is a part of."""
        self.path.append(place)
        return self

    def __str__(self) -> str:
        return f"answer{''.join(reversed(self.path))}{self.fault}"


Writer = Callable[[Any], Any]


@cache
def _writer(shape: Shape) -> Writer:
    """Return what turns values of a shape into JSON's own; made once, since most of a list's cost is looking up."""
    if isinstance(shape, StructureShape):
        return _structure_writer(shape)
    if isinstance(shape, ListShape):
        return _list_writer(shape)
    if isinstance(shape, MapShape):
        return _map_writer(shape)
    return _scalar_writer(shape)


def _structure_writer(shape: StructureShape) -> Writer:
    members = {name: _writer(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict | Mapping):
            raise _Lacking(f" is {type(value).__name__}, must be a mapping.")
        told = {}
        for name, each in value.items():
            member = members.get(name)
            if member is None:
                raise _Lacking(f" has {name!r}, which {shape.name} does not know.")
            if each is not None:
                try:
                    told[name] = member(each)
                except _Lacking as error:
                    raise error.within(f".{name}") from None
        for name in required:
            if name not in told:
                raise _Lacking(f" lacks {name!r}.")
        return told

    return write


def _list_writer(shape: ListShape) -> Writer:
    member = _writer(shape.member)

    def write(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise _Lacking(f" is {type(value).__name__}, must be a list.")
        told: list[Any] = []
        try:
            for each in value:
                told.append(member(each))  # noqa: PERF401 - its length tells where a fault was
        except _Lacking as error:
            raise error.within(f"[{len(told)}]") from None
        return told

    return write


def _map_writer(shape: MapShape) -> Writer:
    write_key, write_value = _writer(shape.key), _writer(shape.value)

    def write(value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict | Mapping):
            raise _Lacking(f" is {type(value).__name__}, must be a mapping.")
        told = {}
        for key, each in value.items():
            try:
                told[write_key(key)] = write_value(each)
            except _Lacking as error:
                raise error.within(f".{key}") from None
        return told

    return write


def _scalar_writer(shape: Shape) -> Writer:
    kind = shape.type_name
    types, is_boolean, longest = _TYPES[kind], kind == "boolean", shape.metadata.get("max", math.inf)

    def write(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and not is_boolean):
            raise _Lacking(f" is {type(value).__name__}, must be {kind}.")
        if isinstance(value, str):
            if len(value) > longest:
                raise _Lacking(f" is longer than {longest} characters.")
        elif isinstance(value, datetime):
            return round(value.timestamp(), 3)
        elif isinstance(value, float) and not math.isfinite(value):
            raise _Lacking(f" is {value}, which JSON cannot hold.")
        return value

    return write
