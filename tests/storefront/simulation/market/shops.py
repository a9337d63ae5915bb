"""A small shop as the simulated market sees it, without a database: the demo catalogue with its asks."""

from datetime import UTC, datetime, time

import numpy as np

from catalog.generation.catalogue import generate_catalogue
from storefront.simulation.market.sizes import Items, Sizes, build_sizes
from tests.storefront.simulation.shelves import ENDS_S, TODAY

__all__ = ["ENDS_S", "demo_shop"]


def demo_shop() -> tuple[Items, Sizes]:
    products = [each for each in generate_catalogue("small", 7, TODAY).products if each.released_on <= TODAY]
    products.sort(key=lambda product: product.sku)
    rng = np.random.default_rng(5)
    looks = rng.gamma(1.2, 90.0, len(products))
    items = Items(
        skus=tuple(product.sku for product in products),
        released_s=np.array([datetime.combine(each.released_on, time(), UTC).timestamp() for each in products]),
        hype=np.array([float(each.attributes["hype"]) for each in products]),
        interest=looks / looks.mean(),
    )
    rows = [
        (index, size.asks[0].price_cents if size.asks else np.nan, product.retail_price_cents)
        for index, product in enumerate(products)
        for size in product.sizes
    ]
    index, asks, retail = zip(*rows, strict=True)
    return items, build_sizes(
        np.arange(1, len(rows) + 1, dtype=np.int64),
        np.array(index, np.intp),
        np.array(asks, np.float64),
        np.array(retail, np.float64),
    )
