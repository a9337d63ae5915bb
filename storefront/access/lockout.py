"""Five wrong passwords for a name from one network lock it there for a quarter of an hour."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from storefront.access.addresses import kept

FAILURES: int = 5
LOCKED_FOR: timedelta = timedelta(minutes=15)
PARAMETERS: list[list[str]] = [["username", "ip_address"]]


def keep_address(request: HttpRequest) -> str:
    """What the rows of failed attempts hold of an address."""
    return kept(request)


def answer_locked(request: HttpRequest, _response: HttpResponse, _credentials: dict[str, Any] | None) -> HttpResponse:
    """The answer while a name is locked: the same whether or not there is such an account, or the password is right."""
    from storefront.access.admission import Verdict  # Settings name this module before models can be loaded.
    from storefront.access.middleware import turn_away

    verdict = Verdict(is_admitted=False, retry_after_s=int(LOCKED_FOR.total_seconds()))
    return turn_away(request, verdict, is_sign_in=True)
