"""One product: its sizes and quotes, Buy Now, or the day of its drop; the watch button, and what belongs beside it."""

from typing import cast
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.exceptions import OrderRefused
from catalog.models import Product
from catalog.services import renew_quote
from recommendations.events.middleware import ShopperRequest
from storefront import checkout
from storefront.errors import Refusal, refusal_of
from storefront.forms import BuyForm
from storefront.page_view import PageView
from storefront.product_page import drop_of, leading_size, size_rows
from storefront.similar_row import build_similar_row
from storefront.world import current_world


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    shown = _find(slug)
    cast("ShopperRequest", request).events.viewed(shown.sku)
    return _page(request, shown)


@require_POST
def buy(request: HttpRequest, slug: str) -> HttpResponse:
    """Buy the chosen size at the price shown; a refusal shows the page again, with fresh prices and the reason."""
    shown = _find(slug)
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?next={shown_address(shown)}")
    form = BuyForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, Refusal(400, form.first_error))
    variant_id, seen_price_cents = form.cleaned_data["choice"]
    if not shown.variants.filter(pk=variant_id).exists():
        return _page(request, shown, Refusal(400, "This product does not come in that size."))
    try:
        placed = checkout.buy_now(
            variant_id=variant_id,
            buyer=request.user,
            shopper=cast("ShopperRequest", request).shopper,
            seen_price_cents=seen_price_cents,
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
    except OrderRefused as error:
        # The refused order's transaction is gone; what the page shows next must be what the book says.
        renew_quote(variant_id=variant_id)
        return _page(request, shown, refusal_of(error, current_world().currency), variant_id)
    return redirect(f"{reverse('order', args=[placed.trade_id])}?new=1")


@require_POST
def watch(request: HttpRequest, slug: str) -> HttpResponse:
    """Note the interest and return to the product."""
    shown = _find(slug)
    cast("ShopperRequest", request).events.record("watch", shown.sku)
    return redirect(f"{shown_address(shown)}?watched=1")


def shown_address(shown: Product) -> str:
    return reverse("product", args=[shown.slug])


def _find(slug: str) -> Product:
    return get_object_or_404(Product.objects.announced().select_related("brand", "category"), slug=slug)


def _page(
    request: HttpRequest, shown: Product, refusal: Refusal | None = None, variant_id: int | None = None
) -> HttpResponse:
    drop = drop_of(shown, settings.CLOCK.now().date())
    # Asks for a drop stand and say nothing yet: until it opens the page names the day, not a price.
    sizes = [] if drop else size_rows(shown, chosen_id=variant_id)
    view = PageView.of(request)
    context = {
        "page_view_id": view.page_view_id,
        "beside": build_similar_row(view, shown),
        "product": shown,
        "current_category": shown.category.slug,
        "drop": drop,
        "sizes": sizes,
        "leading": leading_size(sizes),
        "is_for_sale": any(row.price_cents is not None for row in sizes),
        "refusal": refusal,
        "is_watched": request.GET.get("watched") == "1",
        "idempotency_key": uuid4(),
    }
    return render(request, "product/detail.html", context, status=refusal.status if refusal else 200)
