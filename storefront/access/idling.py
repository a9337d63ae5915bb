"""Staff are signed out of a browser that has not asked for a page of the admin for twelve hours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

IDLE_S = 12 * 3600
# So seldom is the end of a session moved on: reading pages should write nothing.
RENEW_AFTER = timedelta(hours=1)
RENEWED = "staff_renewed_at"


def limit_staff(request: HttpRequest, user: Any, **_signal: Any) -> None:
    """At sign-in: give a session of staff its shorter life."""
    if user.is_staff:
        _renew(request)


class StaffIdleMiddleware:
    """Moves the end of a session on while staff work in the admin; the session's store ends it otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Before a page of the admin; no other page looks at the session for this."""
        match = request.resolver_match
        if match is not None and match.namespace == "admin" and _is_due(request):
            _renew(request)


def _is_due(request: HttpRequest) -> bool:
    renewed_at = request.session.get(RENEWED)
    if renewed_at is None:
        # Who signed in before they were staff holds a session as long as a shopper's.
        return request.user.is_staff
    return bool(abs(settings.CLOCK.now().timestamp() - renewed_at) >= RENEW_AFTER.total_seconds())


def _renew(request: HttpRequest) -> None:
    request.session.set_expiry(IDLE_S)
    request.session[RENEWED] = settings.CLOCK.now().timestamp()
