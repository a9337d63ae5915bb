"""`request.shopper` (lazy) and `request.events`: what a request did goes to the buffer once it went well."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from recommendations import conf
from recommendations.events import buffer, ids, tokens
from recommendations.events.identity import Identity
from recommendations.events.identity import ShopperRequest as IdentifiedRequest
from recommendations.events.refusals import refusals
from recommendations.events.schema import EVENT_TYPES
from recommendations.ports import Interaction, Shopper

logger = logging.getLogger(__name__)

# The query parameter that a card's link carries -> what a click on it is, and of which kind its token must be.
CLICK_PARAMETERS = {"r": "row_click", "s": "search_click"}


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact that a view noted, waiting for the response to go well."""

    event_type: str
    item_id: str
    value: float | None
    # None: the request's own.
    shopper: Shopper | None = None


class RequestEvents:
    """What one request did, recorded only if its response is no error."""

    __slots__ = ("_identity", "_noted", "_request")

    def __init__(self, request: HttpRequest, identity: Identity) -> None:
        self._request = request
        self._identity = identity
        self._noted: list[Noted] = []

    def viewed(self, item_id: str) -> None:
        """Say that the page shows the product; a recommendation token in its address makes it a click as well."""
        self.record("product_view", item_id)

    def record(
        self, event_type: str, item_id: str, *, value: float | None = None, shopper: Shopper | None = None
    ) -> None:
        """Note one fact about an item. Purchases take `outbox.add` instead, within their transaction.

        Args:
            event_type: a key of `schema.EVENT_TYPES`; another is refused and counted, never raised.
            item_id: the product's SKU.
            value: what the event is worth, e.g. the bid in major units.
            shopper: whose it is, where it is not the request's own, as with a program that speaks for an account.
        """
        if event_type not in EVENT_TYPES:
            refusals.add("request", "unknown_event_type")
            logger.error("A view recorded the unknown event type %r.", event_type, extra={"code": "unknown_event_type"})
            return
        self._noted.append(Noted(event_type, item_id, value, shopper))

    def commit(self, response: HttpResponse) -> None:
        """Hand what was noted to the buffer, unless the response is an error or the shopper may not be recorded."""
        if not self._noted or response.status_code >= 400 or self._request.method == "HEAD":
            return
        now = conf.now()
        for noted in self._noted:
            shopper = noted.shopper or self._identity.shopper
            if not shopper.is_tracked:
                continue
            event_id = ids.uuid7(now)
            buffer.record(_interaction(event_id, shopper, noted.event_type, noted.item_id, now, value=noted.value))
            if noted.event_type == "product_view" and self._request.GET:
                self._record_clicks(shopper, noted.item_id)
        self._noted.clear()

    def _record_clicks(self, shopper: Shopper, item_id: str) -> None:
        for parameter, event_type in CLICK_PARAMETERS.items():
            token = self._request.GET.get(parameter, "")
            if not token:
                continue
            recommendation_id = tokens.read_click(event_type, token, shopper.shopper_key, item_id)
            if recommendation_id is None:
                refusals.add("request", "token_not_valid")
                continue
            # Reloads and double clicks come to the same id.
            event_id = ids.derived(
                ids.time_of(recommendation_id), event_type, str(recommendation_id), shopper.shopper_key, item_id
            )
            now = conf.now()
            buffer.record(
                _interaction(event_id, shopper, event_type, item_id, now, recommendation_id=recommendation_id)
            )


class ShopperRequest(IdentifiedRequest):
    """A request as `ShopperMiddleware` leaves it; for annotations in views."""

    events: RequestEvents


class ShopperMiddleware:
    """Gives requests a shopper and records what they did; a fault here costs an event, never a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = Identity(request)
        marked = cast("ShopperRequest", request)
        marked.identity = identity
        marked.shopper = cast("Shopper", SimpleLazyObject(lambda: identity.shopper))
        marked.events = events = RequestEvents(request, identity)
        response = self._get_response(request)
        try:
            events.commit(response)
            _finish(identity, response)
        except Exception:
            refusals.add("request", "middleware_failed")
            logger.exception("Events of a request were lost.", extra={"code": "middleware_failed"})
        return response


def _finish(identity: Identity, response: HttpResponse) -> None:
    """A page that knows its shopper is theirs alone; every HTML page makes sure that the shopper has a cookie."""
    if not identity.is_resolved and response.get("Content-Type", "").startswith("text/html"):
        _ = identity.shopper
    if not identity.is_resolved:
        return
    if "Vary" in response.headers:
        patch_vary_headers(response, ["Cookie"])
    else:
        response.headers["Vary"] = "Cookie"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if identity.is_cookie_due:
        identity.write(response)


def _interaction(
    event_id: UUID,
    shopper: Shopper,
    event_type: str,
    item_id: str,
    now: datetime,
    *,
    value: float | None = None,
    recommendation_id: UUID | None = None,
) -> Interaction:
    return Interaction(
        event_id=event_id,
        shopper_key=shopper.shopper_key,
        session_id=shopper.session_id,
        item_id=item_id,
        event_type=event_type,
        occurred_at=now,
        received_at=now,
        event_value=value,
        recommendation_id=recommendation_id,
    )
