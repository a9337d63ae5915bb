"""The catalogue in: listed products as the simulation sees them."""

from datetime import UTC, datetime, time

from django.db.models import Value
from django.db.models.functions import Coalesce

from catalog.models import Product
from storefront.simulation.shelf import Shelf, ShelfItem

MEDIUM_HYPE = 0.5


def read_shelf() -> Shelf:
    """Every listed product; what a shopper's taste needs comes from its attributes.

    Raises:
        ValueError: no product is listed.
    """
    products = (
        Product.objects.listed()
        .with_quotes()
        .annotate(price_cents=Coalesce("lowest_ask_cents", "retail_price_cents", "house_price_cents", Value(0)))
        .values_list("sku", "brand__slug", "category__slug", "attributes", "price_cents", "released_on")
    )
    return Shelf.build(
        [
            ShelfItem(
                sku=sku,
                brand=brand,
                category=category,
                colour=str(attributes.get("colour", "")),
                silhouette=str(attributes.get("silhouette", "")),
                pattern=str(attributes.get("pattern", "")),
                price_tier=str(attributes.get("price_tier", "")),
                hype=float(attributes.get("hype", MEDIUM_HYPE)),
                price_cents=price_cents,
                released_s=datetime.combine(released_on, time(), UTC).timestamp(),
            )
            for sku, brand, category, attributes, price_cents, released_on in products
        ]
    )
