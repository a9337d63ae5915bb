"""The catalogue in: products as the simulation sees them."""

from datetime import UTC, datetime, time

from django.db.models import Value
from django.db.models.functions import Coalesce

from catalog.models import Product
from storefront.simulation.shelf import Shelf, ShelfItem, is_awaited

MEDIUM_HYPE = 0.5


def read_shelf() -> Shelf:
    """Every announced product, those to come too; what a shopper's taste needs comes from its attributes.

    Raises:
        ValueError: no product is announced.
    """
    products = (
        Product.objects.announced()
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
                is_awaited=is_awaited(attributes),
            )
            for sku, brand, category, attributes, price_cents, released_on in products
        ]
    )
