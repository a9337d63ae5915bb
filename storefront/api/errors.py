"""What the API says where it has no answer: a code, words, and for wrong parameters each one with its fix."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ParseError, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from catalog.exceptions import OrderRefused, OrderRejected, QuoteMoved
from storefront.errors import refusal_of
from storefront.outage import RETRY_AFTER_S
from storefront.world import current_world

WORDS = {
    400: "A parameter, header or field is wrong; `errors` names each, with the fix.",
    401: "Nobody is signed in, or the token is unknown, revoked or expired.",
    403: "The session's request came without the CSRF token, or the account may not trade at present.",
    404: "There is no such thing, or it is another account's.",
    409: "The market refuses, and nothing was charged; `code` says why.",
    415: "The body is not JSON.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The shop is away or cannot count for a moment; `Retry-After` says when to come back.",
}


class FaultSerializer(serializers.Serializer[Any]):
    """Why there is no answer."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    price_cents = serializers.IntegerField(required=False, help_text="Of `quote_moved`: what one pays or gets now.")


def faults(*statuses: int) -> dict[int, OpenApiResponse]:
    """These statuses, as the description of an operation names them."""
    return {status: OpenApiResponse(FaultSerializer, WORDS[status]) for status in statuses}


READ_FAULTS = faults(400, 401, 429, 503)
ONE_FAULTS = faults(400, 401, 404, 429, 503)
WRITE_FAULTS = faults(400, 401, 403, 404, 409, 415, 429, 503)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None for a fault of this code, which is logged and answered as 500.

    Args:
        error: what the view raised.
        context: the framework's own.
    """
    if isinstance(error, OperationalError | InterfaceError):
        words = "The shop is away for a moment. Come back soon."
        return Response({"code": "unavailable", "detail": words}, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
    if isinstance(error, OrderRefused):
        return _refuse(error)
    if isinstance(error, RequestDataTooBig):
        error = ParseError("The body is too large; send one object of plain fields.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = _name_faults(response.data)
    elif isinstance(error, Http404):
        response.data = {"code": "not_found", "detail": "There is no such thing."}
    else:
        response.data = {"code": _code_of(error), "detail": str(getattr(error, "detail", error))}
    return response


def _refuse(error: OrderRefused) -> Response:
    refusal = refusal_of(error, current_world().currency)
    # Words for people speak of pages; of a command that is wrong in itself the error names the field.
    told: dict[str, Any] = {
        "code": error.code,
        "detail": str(error) if isinstance(error, OrderRejected) else refusal.words,
    }
    if isinstance(error, QuoteMoved):
        told["price_cents"] = error.price_cents
    return Response(told, refusal.status)


def _name_faults(found: Any) -> dict[str, Any]:
    named = found if isinstance(found, dict) else {"non_field_errors": found}
    errors = {
        str(name): [str(one) for one in (each if isinstance(each, list) else [each])] for name, each in named.items()
    }
    detail = " ".join(f"{name}: {' '.join(each)}" for name, each in errors.items())
    return {"code": "invalid_input", "detail": detail, "errors": errors}


def _code_of(error: Exception) -> str:
    if isinstance(error, Throttled):
        return "throttled"
    return str(getattr(getattr(error, "detail", None), "code", None) or getattr(error, "default_code", "error"))
