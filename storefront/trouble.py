"""Pages for what goes wrong before a view: a stale form, and an address that only takes forms."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from storefront.leading_back import is_of_shop

FORBIDDEN, NOT_ALLOWED = 403, 405
MACHINES = ("/api/", "/events/")

View = Callable[..., HttpResponse]


def answer_stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """What a form without its token gets: why, and the way back to a fresh copy of its page.

    Args:
        request: the refused one.
        reason: Django's own words, for developers; not shown.
    """
    page = render_to_string("403_csrf.html", {"back": page_before(request)})
    return HttpResponse(page, status=FORBIDDEN, headers={"Cache-Control": "private, no-store"})


def page_before(request: HttpRequest) -> str:
    """The address on this shop that the request came from; the homepage where the browser does not say."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    path = f"{before.path}?{before.query}" if before.query else before.path
    return path if before.netloc == request.get_host() and is_of_shop(path) else "/"


def member_form(page: str, *names: str) -> Callable[[View], View]:
    """For views that take a form of a signed-in shopper: others sign in, and come to the form's page.

    Args:
        page: the name of the page that holds the form; the view's own address cannot be opened.
        names: which of the view's arguments that page's address is made of.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                back = reverse(page, args=[arguments[name] for name in names])
                return redirect(f"{reverse('sign-in')}?next={back}")
            return view(request, **arguments)

        return guarded

    return decorate


class FormOnlyMiddleware:
    """Gives people who open the address of a form a page instead of a browser's blank one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        is_blank = response.status_code == NOT_ALLOWED and not response.content
        if is_blank and request.method == "GET" and not request.path.startswith(MACHINES):
            response.content = render_to_string("405.html", {"back": page_before(request)})
        return response
