"""Products, sizes and asks for tests; each valid with no arguments."""

from datetime import date
from itertools import count
from typing import Any

from catalog.models import Ask, Brand, Category, Product, Variant
from catalog.services import place_ask
from storefront.accounts.models import User

_numbers = count(1)


def make_brand(name: str = "Northwold") -> Brand:
    return Brand.objects.get_or_create(name=name, defaults={"slug": name.lower().replace(" ", "-")})[0]


def make_category(slug: str = "low-tops", **fields: Any) -> Category:
    defaults = {"name": slug.replace("-", " ").capitalize(), **fields}
    return Category.objects.get_or_create(slug=slug, defaults=defaults)[0]


def make_product(**fields: Any) -> Product:
    number = next(_numbers)
    given = {
        "sku": f"TEST-{number:04}",
        "name": f"Harbour Low {number}",
        "slug": f"harbour-low-{number}",
        "released_on": date(2026, 1, 15),
        **fields,
    }
    given["brand"] = given.get("brand") or make_brand()
    given["category"] = given.get("category") or make_category()
    return Product.objects.create(**given)


def make_variant(product: Product | None = None, size: str = "9", **fields: Any) -> Variant:
    return Variant.objects.create(product=product or make_product(), size=size, **fields)


def make_ask(
    variant: Variant | None = None, price_cents: int = 12_000, seller: User | None = None, **fields: Any
) -> Ask:
    return place_ask(variant_id=(variant or make_variant()).pk, seller=seller, price_cents=price_cents, **fields)


def make_product_for_sale(*, price_cents: int = 12_000, **fields: Any) -> Product:
    """A product of one size that somebody asks for."""
    product = make_product(**fields)
    make_ask(make_variant(product), price_cents)
    return product
