"""Template words of trading: shares with their sign, an order's standing, an expiry's rest, the currency's sign."""

from datetime import datetime, timedelta

from django import template
from django.conf import settings

from catalog.money import SYMBOLS
from catalog.orders.states import OrderStatus
from storefront.order_life import TITLES
from storefront.world import current_world

register = template.Library()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@register.filter
def signed_percent(share: float | None) -> str:
    """A share as whole percent with its sign, `+12%`; a dash for none."""
    if share is None:
        return "–"
    percent = round(share * 100)
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent):,}%"


@register.filter
def size_words(size: str, word: str = "Size") -> str:
    """A size as it is read: `Size US 9`, but `One size`, `Grade 8` and `Raw`, which say themselves what they are."""
    return size if any(letter.islower() for letter in size) else f"{word} {size}"


@register.filter
def standing(status: str) -> str:
    """Where an order stands, as a shopper says it: `Awaiting payment`, `Shipped`."""
    return TITLES[OrderStatus(status)]


@register.filter
def time_left(expires_at: datetime | None) -> str:
    """How long something still stands, by the world's clock: `5 days`, `3 hours`, `under an hour`; empty for ever."""
    if expires_at is None:
        return ""
    left = expires_at - settings.CLOCK.now()
    if left >= 2 * DAY:
        return f"{round(left / DAY)} days"
    if left >= 2 * HOUR:
        return f"{round(left / HOUR)} hours"
    return "1 hour" if left >= HOUR else "under an hour"


@register.simple_tag
def currency_sign() -> str:
    """The sign before prices in this world."""
    return SYMBOLS[current_world().currency]
