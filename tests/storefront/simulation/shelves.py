"""Shelves for the simulation's tests: the small demo catalogue, without a database."""

from datetime import UTC, date, datetime, time
from functools import cache

from catalog.generation.catalogue import generate_catalogue
from storefront.simulation.shelf import Shelf, ShelfItem, is_awaited

TODAY = date(2026, 11, 22)
ENDS_S = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


@cache
def demo_shelf() -> Shelf:
    return Shelf.build(
        [
            ShelfItem(
                sku=product.sku,
                brand=product.brand_slug,
                category=product.category_slug,
                colour=str(product.attributes["colour"]),
                silhouette=str(product.attributes["silhouette"]),
                pattern=str(product.attributes["pattern"]),
                price_tier=str(product.attributes["price_tier"]),
                hype=float(product.attributes["hype"]),
                price_cents=product.retail_price_cents,
                released_s=datetime.combine(product.released_on, time(), UTC).timestamp(),
                is_awaited=is_awaited(product.attributes),
            )
            for product in generate_catalogue("small", 7, TODAY).products
            if product.released_on <= TODAY
        ]
    )
