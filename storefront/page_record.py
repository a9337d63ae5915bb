"""Notes every homepage view, on the page or through the API, with status and time, also one that failed."""

import logging
from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recommendations.events import buffer
from recommendations.events.refusals import refusals
from recommendations.events.schema import PageServed
from recommendations.pipeline.runs import DEFAULT_SLOT
from storefront.outage import UNAVAILABLE, KeptPage
from storefront.page_view import PageView

logger = logging.getLogger(__name__)

HOME, API = "home", "api"
# View -> what its records are called. Each has its own times: guardrails compare those of the page.
RECORDED: Mapping[str, str] = MappingProxyType({"home": HOME, "api-recommendations": API})


def record_page(name: str, request: HttpRequest, response: HttpResponse, took_s: float) -> None:
    """Leave a record of the page view, in the buffer that takes everything else; never raises.

    Bots, prefetches and shoppers without consent leave none. Of the API's lists the row that experiments decide on
    stands for a view of the homepage, so that clients which draw it themselves leave one each time they ask for it.

    Args:
        name: the view's.
        request: as the innermost middleware left it; without a page view of its own the same assignment is made here.
        response: what was answered, an error page too; the page kept for an outage counts as the error it hides.
        took_s: seconds, from the first byte of this code to the last.
    """
    if not _is_view(name, request, response):
        return
    try:
        view = PageView.of(request)
        if not view.shopper.is_tracked:
            return
        buffer.record_page(
            PageServed(
                page_view_id=view.page_view_id,
                shopper_key=view.shopper.shopper_key,
                session_id=view.shopper.session_id,
                page=RECORDED[name],
                status=UNAVAILABLE if isinstance(response, KeptPage) else response.status_code,
                took_ms=1000.0 * took_s,
                phase_id=view.analysed_phase_id,
                variation=view.assignment.variation,
                served_at=settings.CLOCK.now(),
            )
        )
    except Exception:
        # Also while the database is away: the answer is made, and must go out.
        refusals.add("request", "page_not_recorded")
        logger.exception("A page view was not recorded.", extra={"code": "page_not_recorded"})


def _is_view(name: str, request: HttpRequest, response: HttpResponse) -> bool:
    if name not in RECORDED or request.method != "GET":
        return False
    if RECORDED[name] == HOME:
        return True
    # Whoever was asked to wait, or asked wrongly, was shown nothing.
    is_refused = 400 <= response.status_code < 500
    return not is_refused and request.GET.get("slot", DEFAULT_SLOT) == DEFAULT_SLOT
