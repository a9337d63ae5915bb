"""The one search box."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.search import popular_categories, search_products
from recommendations import shared_lists
from recommendations.events import buffer, ids, tokens
from recommendations.events.middleware import ShopperRequest
from recommendations.events.schema import ServedList

N_POPULAR = 4


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    result = search_products(request.GET.get("q", ""))
    context = {
        "query": result.words,
        "result": result,
        "found": _marked(cast("ShopperRequest", request), result.products),
        "suggestions": () if result.products else popular_categories(),
        "popular": () if result.products else _popular(),
    }
    return render(request, "search/index.html", context)


def _popular() -> list[Product]:
    """Something to buy on an empty result."""
    return Product.objects.available().in_order(shared_lists.read(shared_lists.MOST_POPULAR)[:N_POPULAR])


def _marked(request: ShopperRequest, products: list[Product]) -> list[tuple[Product, str]]:
    """Each found product with the token of a click on it; what a tracked shopper is shown is kept as a served list."""
    shopper = request.shopper
    if not products or not shopper.is_tracked:
        return [(product, "") for product in products]
    now = settings.CLOCK.now()
    list_id = ids.uuid7(now)
    buffer.record_served(
        ServedList(
            recommendation_id=list_id,
            shopper_key=shopper.shopper_key,
            session_id=shopper.session_id,
            page_view_id=ids.uuid7(now),
            row="search",
            rung="search",
            item_ids=tuple(product.sku for product in products),
            served_at=now,
        )
    )
    key = shopper.shopper_key
    return [(product, tokens.issue_click("search_click", list_id, key, product.sku)) for product in products]
