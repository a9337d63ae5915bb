"""The outermost middleware: an id for every request, bound to its records and returned, and the time it took."""

import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from recommendations import monitoring
from storefront.logs import current_request
from storefront.page_record import record_page

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
# What shoppers look at; the rest is machinery.
PAGES = frozenset({"home", "product", "category", "search"})


class RequestMiddleware:
    """Takes a well-formed X-Request-ID or makes one; counts the response under its view's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began_s = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if WELL_FORMED.fullmatch(given) else uuid4().hex
        bound = current_request.set((request_id, request))
        try:
            response = self._get_response(request)
        finally:
            current_request.reset(bound)
        response.headers[HEADER] = request_id
        match = request.resolver_match
        if match is not None:
            took_s = time.perf_counter() - began_s
            _count(match.view_name, request, response, took_s)
            record_page(match.view_name, request, response, took_s)
        return response


def _count(view: str, request: HttpRequest, response: HttpResponse, took_s: float) -> None:
    # The admin's views are many and of one kind to whoever watches the shop.
    monitoring.page_served("admin" if view.startswith("admin:") else view, response.status_code, took_s)
    if view in PAGES and request.method == "GET" and response.status_code == 200:
        monitoring.page_viewed()
