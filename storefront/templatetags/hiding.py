"""The template word of hidden products."""

from typing import Any

from django import template

from catalog.models import Product
from storefront.page_view import PageView

register = template.Library()


@register.simple_tag(takes_context=True)
def hiding_of(context: dict[str, Any], product: Product) -> str:
    """`hidden` or `shown` for whoever looks at the page; empty where nothing may be kept of them."""
    view = PageView.of(context["request"])
    if not view.shopper.is_tracked:
        return ""
    return "hidden" if product.sku in view.hidden else "shown"
