"""What the shop has at hand of a shopper, in words: their last looks and deeds, for their own eyes."""

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Product
from recommendations.events import recent

MOST_SHOWN = 30
WORDS = {
    "product_view": "looked at",
    "row_click": "opened from a row",
    "search_click": "opened from a search",
    "watch": "watched",
    "bid": "bid for",
    "ask": "put up for sale",
    "purchase": "bought",
    "return": "given back",
    "hide": "hidden",
}


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that a shopper did."""

    product: Product
    words: str
    at: datetime


def looks_at_hand(shopper_key: str) -> list[Look]:
    """The last things that are kept of a shopper, the latest first; one query where there are any.

    Args:
        shopper_key: whose.
    """
    events = recent.recent(shopper_key, MOST_SHOWN)
    skus = list(dict.fromkeys(event.item_id for event in events))
    products = {product.sku: product for product in Product.objects.announced().in_order(skus)} if skus else {}
    return [
        Look(products[event.item_id], WORDS[event.event_type], event.occurred_at)
        for event in events
        if event.item_id in products and event.event_type in WORDS
    ]
