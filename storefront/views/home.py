"""The homepage."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations.events import ids
from recommendations.events.middleware import ShopperRequest
from storefront.outage import keep_home
from storefront.rows import build_home_rows


@require_safe
def home(request: ShopperRequest) -> HttpResponse:
    page_view_id = ids.uuid7(settings.CLOCK.now())
    user = request.user if request.COOKIES.get(settings.SESSION_COOKIE_NAME) else None
    if user is None:
        keep_home(request)
    rows = build_home_rows(request.shopper, page_view_id=page_view_id, user=user)
    response = render(request, "home/index.html", {"rows": rows, "page_view_id": page_view_id})
    response["Cache-Control"] = "private, no-store"
    return response
