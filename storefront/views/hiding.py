"""The buttons that take a product out of a shopper's rows, and let it in again."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.models import Product
from recommendations.events.middleware import ShopperRequest
from storefront import hiding
from storefront.leading_back import read_next


@require_POST
def hide(request: HttpRequest, slug: str) -> HttpResponse:
    """Hide the product, and tell the recommender; nothing is kept of a shopper who may not be recorded.

    To htmx what stands where its card stood; else back to where the shopper was.
    """
    shown, shopper = _find(slug), cast("ShopperRequest", request).shopper
    if shopper.is_tracked:
        hiding.hide(shopper.shopper_key, shown)
        cast("ShopperRequest", request).events.record("hide", shown.sku)
    if "HX-Request" in request.headers:
        # Only a card's button asks so; what may not be kept leaves the card where it is.
        said = render(request, "home/_hidden_card.html", {"product": shown})
        return said if shopper.is_tracked else HttpResponse(status=204)
    return redirect(_back(request, shown))


@require_POST
def show_again(request: HttpRequest, slug: str) -> HttpResponse:
    shown, shopper = _find(slug), cast("ShopperRequest", request).shopper
    if shopper.is_tracked:
        hiding.show_again(shopper.shopper_key, shown)
    return redirect(_back(request, shown))


def _find(slug: str) -> Product:
    return get_object_or_404(Product.objects.announced(), slug=slug)


def _back(request: HttpRequest, shown: Product) -> str:
    return read_next(request, reverse("product", args=[shown.slug]))
