"""While PostgreSQL is away: the homepage as a stranger last saw it, and a polite 503 for everything else."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from recommendations.ports import Shopper
from storefront.page_view import PageView
from storefront.rows import build_home_rows

KEEP_EVERY_S = 15.0
RETRY_AFTER_S = 3
UNAVAILABLE = 503
STRANGER = Shopper(shopper_key="", session_id="", has_consent=False)


class KeptPage(HttpResponse):
    """The kept homepage: good to read, and yet a view that failed, since it is not what the shopper was to see."""


_kept: tuple[str, float] = ("", -KEEP_EVERY_S)


def keep_home(request: HttpRequest) -> None:
    """Keep, a few times a minute, the homepage of somebody the shop knows nothing of.

    Args:
        request: a stranger's, without a session, so that the frame around the rows is a stranger's too.
    """
    global _kept
    if settings.ASK_CONSENT or time.monotonic() - _kept[1] < KEEP_EVERY_S:
        return
    view = PageView(STRANGER)
    rows = build_home_rows(view)
    if rows:
        context = {"rows": rows, "page_view_id": view.page_view_id}
        _kept = (render_to_string("home/index.html", context, request), time.monotonic())


def forget_home() -> None:
    """Drop the kept page; for tests."""
    global _kept
    _kept = ("", -KEEP_EVERY_S)


class OutageMiddleware:
    """Innermost, so that it sees what a view could not ask of the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        if request.path == "/" and _kept[0]:
            response: HttpResponse = KeptPage(_kept[0])
        else:
            response = HttpResponse(render_to_string("503.html"), status=UNAVAILABLE)
            response["Retry-After"] = str(RETRY_AFTER_S)
        response["Cache-Control"] = "private, no-store"
        return response
