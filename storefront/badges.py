"""The one word on a card's picture: new, limited, or below its retail price."""

from datetime import date, timedelta

from catalog.models import Product

NEW_FOR = timedelta(days=14)
# Less than this is no bargain, and would be said of nearly everything.
WORTH_SAYING = 0.1


def badge_of(product: Product, *, price_cents: int | None, today: date) -> str:
    """What the card says first of a product; empty for nothing in particular.

    Args:
        product: with its release day, retail price and attributes.
        price_cents: what one pays now, in minor units; None where nobody sells.
        today: the world's day, in UTC.
    """
    if product.attributes.get("drop"):
        return "Limited"
    if timedelta(0) <= today - product.released_on <= NEW_FOR:
        return "New"
    retail_cents = product.retail_price_cents
    if price_cents is None or not retail_cents or price_cents > retail_cents * (1 - WORTH_SAYING):
        return ""
    # Never more than is true.
    return f"{100 * (retail_cents - price_cents) // retail_cents}% below retail"
