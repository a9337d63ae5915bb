"""Template words of the watchlist: the button that watches a product, or stops."""

from typing import Any

from django import template
from django.template.context import Context

from catalog.models import Product
from catalog.watching import is_watching
from storefront.context import Shop

register = template.Library()


@register.inclusion_tag("product/_watch.html", takes_context=True)
def watch_button(context: Context, product: Product, back: str = "") -> dict[str, Any]:
    """The form that watches the product, or stops; one query for a signed-in shopper.

    Args:
        context: the page's.
        product: which.
        back: where to go on from there; the product's page where empty.
    """
    shop = context.get("shop")
    account = shop.account if isinstance(shop, Shop) else None
    return {
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
        "product": product,
        "is_watching": account is not None and is_watching(account, product.pk),
        "back": back,
    }
