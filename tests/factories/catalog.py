"""Products, sizes and asks for tests; each valid with no arguments."""

from datetime import date
from itertools import count
from typing import Any, cast
from uuid import uuid4

from catalog.models import Ask, Bid, Brand, Category, Product, Variant
from catalog.services import place_ask, place_bid, stock_house_asks
from storefront.accounts.models import User
from tests.factories.accounts import make_user

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
    variant: Variant | None = None,
    price_cents: int = 12_000,
    seller: User | None = None,
    *,
    expires_in_days: int = 30,
    **fields: Any,
) -> Ask:
    """An ask of that seller, or of the house, that nobody's bid meets."""
    variant = variant or make_variant()
    if seller is None:
        stock_house_asks(variant_id=variant.pk, n_pieces=1, price_cents=price_cents, **fields)
        return Ask.objects.filter(variant=variant, seller=None).latest("pk")
    placed = place_ask(
        variant_id=variant.pk,
        seller=seller,
        price_cents=price_cents,
        expires_in_days=expires_in_days,
        idempotency_key=uuid4(),
    )
    return Ask.objects.get(pk=cast("int", placed.ask_id))


def make_bid(
    variant: Variant | None = None, price_cents: int = 10_000, buyer: User | None = None, *, expires_in_days: int = 30
) -> Bid:
    """A bid that nobody's ask meets."""
    placed = place_bid(
        variant_id=(variant or make_variant()).pk,
        buyer=buyer or make_user(),
        price_cents=price_cents,
        expires_in_days=expires_in_days,
        idempotency_key=uuid4(),
    )
    return Bid.objects.get(pk=cast("int", placed.bid_id))


def make_product_for_sale(*, price_cents: int = 12_000, **fields: Any) -> Product:
    """A product of one size that somebody asks for."""
    product = make_product(**fields)
    make_ask(make_variant(product), price_cents)
    return product
