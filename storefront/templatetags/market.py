"""Template words of the market: money, a product's price, its picture, an icon."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.models import Product
from catalog.money import Money
from storefront.badges import badge_of
from storefront.pictures import picture_url, picture_words
from storefront.world import current_world

register = template.Library()


@register.filter
def money(cents: int | None) -> str:
    """A price tag in the world's currency; a dash where there is no price."""
    return "–" if cents is None else str(Money(cents, current_world().currency))


@register.filter
def lowest_price(product: Product) -> int | None:
    """What one pays now: the lowest ask over all sizes, else the house's price, in cents."""
    lowest_ask_cents: int | None = getattr(product, "lowest_ask_cents", None)
    return product.house_price_cents if lowest_ask_cents is None else lowest_ask_cents


@register.filter
def badge(product: Product) -> str:
    """The one word on the card's picture; empty for none."""
    return badge_of(product, price_cents=lowest_price(product), today=settings.CLOCK.now().date())


@register.simple_tag
def art_url(product: Product) -> str:
    """The address of the product's picture; it changes whenever the drawing would."""
    return picture_url(product)


@register.simple_tag
def art_words(product: Product) -> str:
    """What the picture shows, for its alt text."""
    return picture_words(product)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite, hidden from readers; its button or link carries the words."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("storefront/img/sprite.svg"),
        name,
    )
