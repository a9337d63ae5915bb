"""One product: its sizes, quotes and market, or when it drops; and what belongs beside it."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.models import Product
from recommendations.events.middleware import ShopperRequest
from storefront.accounts.models import User
from storefront.drop_page import panel_of
from storefront.market_panel import build_market_panel
from storefront.page_view import PageView
from storefront.product_page import chosen_size, leading_size, read_size, size_rows, top_bid
from storefront.similar_row import build_similar_row
from storefront.standing import own_on


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; to htmx, only what another size or another stretch of time changes on it."""
    shown = find_product(slug)
    if _asks_fragment(request):
        response = render(request, "product/_chosen.html", {**_market(request, shown), "is_swap": True})
    else:
        cast("ShopperRequest", request).events.viewed(shown.sku)
        response = render(request, "product/detail.html", {**_market(request, shown), **_frame(request, shown)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def product_address(shown: Product) -> str:
    return reverse("product", args=[shown.slug])


def find_product(slug: str) -> Product:
    return get_object_or_404(Product.objects.announced().select_related("brand", "category", "drop"), slug=slug)


def _asks_fragment(request: HttpRequest) -> bool:
    """A page that htmx takes back from its history has to be whole."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def _market(request: HttpRequest, shown: Product) -> dict[str, Any]:
    panel = panel_of(shown, settings.CLOCK.now())
    drop = panel if panel and panel.is_to_come else None
    # Nobody trades before a drop opens: until then its page has a countdown and no market.
    sizes = [] if drop else size_rows(shown, chosen_id=read_size(request.GET.get("size", "")))
    return {
        "product": shown,
        "panel": panel,
        "drop": drop,
        "sizes": sizes,
        "leading": leading_size(sizes),
        "chosen": chosen_size(sizes),
        "top_bid_cents": top_bid(sizes),
        "market": build_market_panel(shown, sizes, span_key=request.GET.get("span", "")) if sizes else None,
    }


def _frame(request: HttpRequest, shown: Product) -> dict[str, Any]:
    view = PageView.of(request)
    return {
        "page_view_id": view.page_view_id,
        "beside": build_similar_row(view, shown),
        "current_category": shown.category.slug,
        "own": own_on(cast("User", view.user), shown) if view.is_signed_in else (),
        "is_watched": request.GET.get("watched") == "1",
    }
