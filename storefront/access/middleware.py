"""Holds every request to its route's limit before the view begins, and gives every answer its headers."""

import logging
from collections.abc import Callable
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from storefront.access.admission import Verdict, account_or_device, judge, limit_named, typed_name
from storefront.access.routes import OWN_PASSWORD, limit_of_route
from storefront.trouble import page_before

logger = logging.getLogger(__name__)

TOO_MANY, CLOSED = 429, 503
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
CLOSED_WORDS = "Orders and sign-in rest for a moment. Nothing was charged; try again in a few seconds."
NAME_FIELDS = ("username", "email")
# Nothing here needs a sensor, a camera or a payment handler of the browser.
PERMISSIONS = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
)


class LimitMiddleware:
    """After the check of the CSRF token, so that a foreign page uses up nobody's allowance."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        view_name = match.view_name if match else ""
        name = limit_of_route(view_name, is_write=request.method not in SAFE) if match else None
        if name is None:
            return None
        limit = limit_named(name)
        typed = next((request.POST[field] for field in NAME_FIELDS if field in request.POST), None)
        is_by_name = name == "sign_in" and view_name not in OWN_PASSWORD and typed is not None
        who = typed_name(request, typed or "") if is_by_name else account_or_device(request)
        verdict = judge(request, limit, who)
        if verdict.is_admitted:
            return None
        logger.info("A request was turned away.", extra={"code": "closed" if verdict.is_closed else limit.name})
        return turn_away(request, verdict, is_sign_in=name == "sign_in")


class HeaderMiddleware:
    """What every answer carries, also those that other middlewares and static files make."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # Pages are made for one shopper; a cache in between must never hand them to another.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def turn_away(request: HttpRequest, verdict: Verdict, *, is_sign_in: bool = False) -> HttpResponse:
    """The answer to a request that may not go on: when to come back, as a page or as JSON.

    Args:
        request: the one turned away.
        verdict: why, and for how long.
        is_sign_in: whether somebody tried a password; the page then also leads to setting a new one.
    """
    status = CLOSED if verdict.is_closed else TOO_MANY
    if request.path.startswith(API):
        code = "closed" if verdict.is_closed else "throttled"
        response: HttpResponse = JsonResponse({"code": code, "detail": words_of(verdict)}, status=status)
    else:
        again = request.get_full_path() if request.method in SAFE else page_before(request)
        context = {"status": status, "words": words_of(verdict), "again": again, "is_sign_in": is_sign_in}
        page = render_to_string("turned_away.html", context)
        response = HttpResponse(page, status=status)
    response.headers["Retry-After"] = str(max(1, verdict.retry_after_s))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def words_of(verdict: Verdict) -> str:
    if verdict.is_closed:
        return CLOSED_WORDS
    return f"Too many tries came from here in a short time. Try again in {_spell_wait(max(1, verdict.retry_after_s))}."


def _spell_wait(seconds: int) -> str:
    if seconds == 1:
        return "a second"
    return f"{seconds} seconds" if seconds < 120 else f"{ceil(seconds / 60)} minutes"
