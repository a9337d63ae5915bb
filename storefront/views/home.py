"""The homepage."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments import overrides
from recommendations.events.middleware import ShopperRequest
from storefront.outage import keep_home
from storefront.page_view import PageView
from storefront.rows import build_home_rows


@require_safe
def home(request: ShopperRequest) -> HttpResponse:
    view = PageView.of(request)
    # A tester's page would carry the banner of what was forced.
    if view.user is None and not overrides.read(request):
        keep_home(request)
    context = {"rows": build_home_rows(view), "page_view_id": view.page_view_id}
    response = render(request, "home/index.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
