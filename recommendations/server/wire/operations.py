"""The operations of the three services, from botocore's own models, and which one a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import botocore.session
from botocore.model import Shape

from recommendations.server.wire.faults import ApiFault

Protocol = Literal["json", "rest-json"]
SERVICES: tuple[tuple[str, Protocol], ...] = (
    ("personalize", "json"),
    ("personalize-runtime", "rest-json"),
    ("personalize-events", "rest-json"),
)
TARGET_PREFIX = "AmazonPersonalize."
CONTENT_TYPES: Mapping[Protocol, str] = MappingProxyType(
    {"json": "application/x-amz-json-1.1", "rest-json": "application/json"}
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its service, how it is spoken, and the shapes of what goes in and out.

    Attributes:
        path: where it is posted to.
        input_shape: None where nothing is asked.
        output_shape: None where an answer has no body.
    """

    name: str
    service: str
    protocol: Protocol
    path: str
    input_shape: Shape | None
    output_shape: Shape | None


@cache
def all_operations() -> Mapping[str, Operation]:
    """Return every operation of the three services by its name; names do not repeat."""
    session = botocore.session.Session()
    found: dict[str, Operation] = {}
    for service, protocol in SERVICES:
        model = session.get_service_model(service)
        for name in model.operation_names:
            operation = model.operation_model(name)
            found[name] = Operation(
                name, service, protocol, operation.http["requestUri"], operation.input_shape, operation.output_shape
            )
    return MappingProxyType(found)


def find_operation(method: str, path: str, target: str) -> Operation:
    """Return the operation that a request asks for.

    Args:
        method: the HTTP method.
        path: the path without the query.
        target: the header `X-Amz-Target`; empty for runtime and events.

    Raises:
        ApiFault: there is no such operation.
    """
    operation = None
    if method == "POST" and target:
        prefix, _, name = target.rpartition(".")
        operation = all_operations().get(name) if f"{prefix}." == TARGET_PREFIX else None
        if operation is not None and (operation.protocol != "json" or path != operation.path):
            operation = None
    elif method == "POST":
        operation = _by_path().get(path)
    if operation is None:
        asked = target or f"{method} {path}"
        raise ApiFault("UnknownOperationException", f"There is no operation {asked[:200]!r}.")
    return operation


@cache
def _by_path() -> Mapping[str, Operation]:
    return {each.path: each for each in all_operations().values() if each.protocol == "rest-json"}
