"""The template word of the product page's gallery."""

from django import template

from catalog.models import Product
from storefront.pictures import Picture, gallery_of

register = template.Library()


@register.simple_tag
def gallery(product: Product) -> list[Picture]:
    """Every view of the product, the one that its card shows first."""
    return gallery_of(product)
