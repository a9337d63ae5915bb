"""The only door to the catalogue: what can be bought now, and what to show when nothing else is left."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from catalog.models import Product

__all__ = [
    "Product",
    "available_among",
    "forget_availability",
    "in_order",
    "listed_among",
    "listed_item_ids",
    "newest_item_ids",
]

AVAILABILITY_TTL_S = 5.0
MAX_CACHED_ITEMS = 50_000
MAX_PER_BRAND = 3
LOOK_FURTHER = 5

_known: dict[str, tuple[bool, float]] = {}


def available_among(item_ids: Iterable[str]) -> set[str]:
    """Those of the items that are listed and can be bought now; at most five seconds old.

    Args:
        item_ids: SKUs, any number up to a few hundred.

    Returns:
        The subset that somebody asks for or that the house sells.
    """
    wanted = set(item_ids)
    fresh_after = time.monotonic() - AVAILABILITY_TTL_S
    missing = [sku for sku in wanted if _known.get(sku, (False, 0.0))[1] < fresh_after]
    if missing:
        found = set(Product.objects.available().filter(sku__in=missing).values_list("sku", flat=True))
        if len(_known) + len(missing) > MAX_CACHED_ITEMS:
            _known.clear()
        checked_at = time.monotonic()
        _known.update((sku, (sku in found, checked_at)) for sku in missing)
    return {sku for sku in wanted if _known.get(sku, (False, 0.0))[0]}


def forget_availability() -> None:
    """Drop what this process knows of availability; for tests and after bulk changes."""
    _known.clear()


def listed_among(item_ids: Collection[str]) -> set[str]:
    """Those of the items that the catalogue lists, sold out or not."""
    return set(Product.objects.listed().filter(sku__in=item_ids).values_list("sku", flat=True))


def listed_item_ids() -> set[str]:
    """Every listed SKU; for exports, never for a page."""
    return set(Product.objects.listed().values_list("sku", flat=True).iterator(chunk_size=10_000))


def newest_item_ids(limit: int) -> list[str]:
    """The newest available SKUs, the last rung of every fallback; a brand's fourth and later stand behind the rest."""
    rows = Product.objects.available().newest().values_list("sku", "brand_id")[: limit * LOOK_FURTHER]
    seen: Counter[int] = Counter()
    first: list[str] = []
    later: list[str] = []
    for sku, brand_id in rows:
        seen[brand_id] += 1
        (first if seen[brand_id] <= MAX_PER_BRAND else later).append(sku)
    return [*first, *later][:limit]


def in_order(item_ids: Sequence[str]) -> list[Product]:
    """The products of these SKUs, in this order, in one query; for pictures beside ids."""
    return Product.objects.with_quotes().in_order(item_ids)
