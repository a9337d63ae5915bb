"""How often the API may be asked: by the shop's table of limits, once it is known who asks."""

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from recommendations.events.identity import device_key
from recommendations.events.throttle import Throttle
from storefront.access.addresses import address_of, counted
from storefront.access.admission import ADMITTED, Verdict, account_or_device, judge, limit_named, typed_name
from storefront.access.middleware import CLOSED_WORDS
from storefront.accounts.models import User
from storefront.api.requests import asked_as_page

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# A device that kept its cookie has a bucket of its own; all strangers behind one address share a larger one.
of_devices = Throttle(burst=30, per_s=5)
of_strangers = Throttle(burst=120, per_s=20)


class Closed(APIException):
    """Nobody can count at this moment, and this is not done uncounted."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "closed"
    default_detail = CLOSED_WORDS

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class LimitThrottle(BaseThrottle):
    """Reads fall under `api`; what changes something under the view's own `write_limit`."""

    def __init__(self) -> None:
        self._verdict: Verdict = ADMITTED

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether this request may go on.

        Raises:
            Closed: nobody can count, and the limit lets nobody through then.
        """
        name = "api" if request.method in SAFE else getattr(view, "write_limit", "writes")
        page_request = asked_as_page(request)
        if name == "sign_in":
            typed = request.data.get("username") if isinstance(request.data, dict) else None
            who = typed_name(page_request, typed if isinstance(typed, str) else "")
        else:
            account_id = request.user.pk if isinstance(request.user, User) else None
            who = account_or_device(page_request, account_id=account_id)
        self._verdict = judge(page_request, limit_named(name), who)
        if self._verdict.is_closed:
            raise Closed(self._verdict.retry_after_s)
        return self._verdict.is_admitted

    def wait(self) -> float:
        """Seconds until another try makes sense."""
        return float(self._verdict.retry_after_s)


class ShopperThrottle(BaseThrottle):
    """So many requests a second, counted in this process alone, so that it does not matter whether Valkey is up."""

    def allow_request(self, request: Request, _view: APIView) -> bool:
        """Whether this request may go on."""
        key = device_key(asked_as_page(request))
        return of_devices.admits(key) if key else of_strangers.admits(counted(address_of(asked_as_page(request))))

    def wait(self) -> float:
        """Seconds until another try makes sense."""
        return 1.0
