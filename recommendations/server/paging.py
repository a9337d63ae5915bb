"""Pages of a list: a token names the last row that was given, so that rows made meanwhile shift nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from recommendations.server.limits import MAX_RESULTS
from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.reading import Parameters

Row = TypeVar("Row", bound=Model)


def page(
    operation: str,
    member: str,
    rows: QuerySet[Row],
    parameters: Parameters,
    describe: Callable[[Row], dict[str, Any]],
) -> dict[str, Any]:
    """Return one page of rows, newest first, and the token of the next one where there is one.

    Args:
        operation: whose token it is; another operation's is refused.
        member: the list's name in the answer.
        rows: all of them, in any order.
        parameters: `nextToken` and `maxResults` of the request.
        describe: a row's summary.

    Raises:
        ApiFault: InvalidNextTokenException.
    """
    size = parameters.get("maxResults") or MAX_RESULTS
    ordered = rows.order_by("-pk")
    if parameters.get("nextToken"):
        ordered = ordered.filter(pk__lt=_last_of(operation, parameters["nextToken"]))
    found = list(ordered[: size + 1])
    token = _token(operation, int(found[size - 1].pk)) if len(found) > size else None
    return {member: [describe(row) for row in found[:size]], "nextToken": token}


def page_of(
    operation: str, member: str, rows: Sequence[dict[str, Any]], parameters: Parameters, default: int
) -> dict[str, Any]:
    """Return one page of a fixed list, and the token of the next one where there is one.

    Raises:
        ApiFault: InvalidNextTokenException.
    """
    first = _last_of(operation, parameters["nextToken"]) if parameters.get("nextToken") else 0
    last = first + (parameters.get("maxResults") or default)
    return {member: list(rows[first:last]), "nextToken": _token(operation, last) if last < len(rows) else None}


def _token(operation: str, last: int) -> str:
    return base64.urlsafe_b64encode(f"{operation}:{last}".encode()).decode()


def _last_of(operation: str, token: str) -> int:
    try:
        name, _, last = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(":")
        if name == operation and last.isdecimal():
            return min(int(last), 2**63 - 1)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise ApiFault("InvalidNextTokenException", "nextToken: it is none that this operation gave; leave it out.")
