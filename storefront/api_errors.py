"""What the API says where it has no answer: a code, words, and for wrong parameters each one with its fix."""

from typing import Any

from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from storefront.outage import RETRY_AFTER_S


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None for a fault of this code, which is logged and answered as 500.

    Args:
        error: what the view raised.
        context: the framework's own.
    """
    if isinstance(error, OperationalError | InterfaceError):
        words = "The shop is away for a moment. Come back soon."
        return Response({"code": "unavailable", "detail": words}, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError) and isinstance(response.data, dict):
        errors = {
            name: [str(one) for one in (found if isinstance(found, list) else [found])]
            for name, found in response.data.items()
        }
        detail = " ".join(f"{name}: {' '.join(found)}" for name, found in errors.items())
        response.data = {"code": "invalid_input", "detail": detail, "errors": errors}
    else:
        code = "throttled" if isinstance(error, Throttled) else getattr(error, "default_code", "error")
        response.data = {"code": code, "detail": str(getattr(error, "detail", error))}
    return response
