"""The one search box."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.search import popular_categories, search_products
from recommendations import shared_lists
from recommendations.events import ids, tokens
from recommendations.events.middleware import ShopperRequest

N_POPULAR = 4


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    result = search_products(request.GET.get("q", ""))
    context = {
        "query": result.words,
        "result": result,
        "mark": _mark(cast("ShopperRequest", request)) if result.products else "",
        "suggestions": () if result.products else popular_categories(),
        "popular": () if result.products else _popular(),
    }
    return render(request, "search/index.html", context)


def _popular() -> list[Product]:
    """Something to buy on an empty result."""
    return Product.objects.available().in_order(shared_lists.read(shared_lists.MOST_POPULAR)[:N_POPULAR])


def _mark(request: ShopperRequest) -> str:
    """What the found cards' links carry, so that a click on one is recorded as a search click, once."""
    if not request.shopper.is_tracked:
        return ""
    list_id = ids.uuid7(settings.CLOCK.now())
    return f"s={tokens.issue(list_id, request.shopper.shopper_key)}"
