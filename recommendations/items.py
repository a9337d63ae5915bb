"""The only door to the catalogue: what can be bought now, and what to show when nothing else is left."""

import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from catalog.models import Product, ProductChange
from catalog.models.querysets import OPENS
from recommendations import conf

__all__ = [
    "CatalogueItem",
    "Product",
    "announced_item_ids",
    "available_among",
    "catalogue_items",
    "forget_all_changes",
    "forget_availability",
    "forget_changes",
    "in_order",
    "listed_among",
    "listed_item_ids",
    "newest_item_ids",
    "oldest_change",
    "popular_in_category",
    "waiting_changes",
]

AVAILABILITY_TTL_S = 5.0
MAX_CACHED_ITEMS = 50_000
MAX_PER_BRAND = 3
LOOK_FURTHER = 5
# How an import marks what is no product, under `excluded` in its attributes.
FEE_LINE = "fee line"

CATEGORY_TTL_S = 30.0
OPENS_SOON = timedelta(seconds=30)
MAX_OF_CATEGORY = 100
MAX_CATEGORIES = 1_000

UNREAD: tuple[datetime | None, float] = (None, -math.inf)
# From when on each item can be bought, None where it cannot, and when that was read.
_known: dict[str, tuple[datetime | None, float]] = {}
_by_category: dict[int, tuple[list[str], float]] = {}


def available_among(item_ids: Iterable[str]) -> set[str]:
    """Those of the items that are listed and can be bought now; at most five seconds old, but exact for openings.

    Args:
        item_ids: SKUs, any number up to a few hundred.

    Returns:
        The subset that somebody asks for or that the house sells; of drops those that are open this second.
    """
    known = {sku: _known.get(sku, UNREAD) for sku in item_ids}
    fresh_after = time.monotonic() - AVAILABILITY_TTL_S
    missing = [sku for sku, (_, checked_at) in known.items() if checked_at < fresh_after]
    if missing:
        for_sale = Product.objects.announced().for_sale().filter(sku__in=missing)
        opens = dict(for_sale.values_list("sku", OPENS))
        if len(_known) + len(missing) > MAX_CACHED_ITEMS:
            _known.clear()
        checked_at = time.monotonic()
        found = {sku: (opens.get(sku), checked_at) for sku in missing}
        _known.update(found)
        # Answered from here: another thread may have cleared what all share.
        known |= found
    now = conf.now()
    return {sku for sku, (opened, _) in known.items() if opened is not None and opened <= now}


def forget_availability() -> None:
    """Drop what this process knows of availability; for tests and after bulk changes."""
    _known.clear()
    _by_category.clear()


def listed_among(item_ids: Collection[str]) -> set[str]:
    """Those of the items that the catalogue lists, sold out or not."""
    return set(Product.objects.listed().filter(sku__in=item_ids).values_list("sku", flat=True))


def listed_item_ids() -> set[str]:
    """Every listed SKU; for exports, never for a page."""
    return set(Product.objects.listed().values_list("sku", flat=True).iterator(chunk_size=10_000))


def announced_item_ids() -> set[str]:
    """Every SKU that is listed or will be, once its drop opens; for checks, never for a page."""
    return set(Product.objects.announced().values_list("sku", flat=True).iterator(chunk_size=10_000))


def newest_item_ids(limit: int) -> list[str]:
    """The newest available SKUs, the last rung of every fallback; a brand's fourth and later stand behind the rest.

    What opens within half a minute is among them, so that a list kept that long shows it at once; ask
    `available_among` which can be bought.
    """
    available = Product.objects.available(by=conf.now() + OPENS_SOON)
    rows = available.newest().values_list("sku", "brand_id")[: limit * LOOK_FURTHER]
    seen: Counter[int] = Counter()
    first: list[str] = []
    later: list[str] = []
    for sku, brand_id in rows:
        seen[brand_id] += 1
        (first if seen[brand_id] <= MAX_PER_BRAND else later).append(sku)
    return [*first, *later][:limit]


def popular_in_category(category_id: int, popular: Sequence[str]) -> list[str]:
    """The SKUs of a category that are available, or open within half a minute: the popular first, then the newest.

    At most half a minute old; ask `available_among` which can be bought.

    Args:
        category_id: whose.
        popular: SKUs of any category, most popular first.
    """
    held, read_at = _by_category.get(category_id, ([], -CATEGORY_TTL_S))
    if time.monotonic() - read_at < CATEGORY_TTL_S:
        return held
    available = Product.objects.available(by=conf.now() + OPENS_SOON).filter(category_id=category_id)
    there = set(available.filter(sku__in=popular).values_list("sku", flat=True))
    first = [sku for sku in popular if sku in there]
    newest = available.newest().values_list("sku", flat=True)[:MAX_OF_CATEGORY]
    found = list(dict.fromkeys([*first, *newest]))[:MAX_OF_CATEGORY]
    if len(_by_category) >= MAX_CATEGORIES:
        _by_category.clear()
    _by_category[category_id] = (found, time.monotonic())
    return found


def in_order(item_ids: Sequence[str]) -> list[Product]:
    """The products of these SKUs, in this order, in one query; for pictures beside ids."""
    return Product.objects.with_quotes().in_order(item_ids)


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """What training may know of a product.

    Attributes:
        item_id: its SKU.
        opens_at: when it came out or will, aware: a drop at its opening, all else as its day began in UTC.
        category: its category's name.
        brand: its brand's name.
        price: its retail price, or the house's where there is none, in whole units of the shop's currency.
        is_listed: whether the catalogue shows it.
        is_fee: whether it is an accounting line and no product: postage, commission, samples.
    """

    item_id: str
    opens_at: datetime
    category: str
    brand: str
    price: float | None
    is_listed: bool
    is_fee: bool

    @property
    def is_known_to_campaigns(self) -> bool:
        """Whether campaigns are told of it; whether it can be bought is asked when a list is made."""
        return self.is_listed and not self.is_fee

    @property
    def properties(self) -> dict[str, str | int | float | None]:
        """The columns of the Items dataset but its id, in their order, as `recommendations.datasets` has them."""
        return {
            "CREATION_TIMESTAMP": max(int(self.opens_at.timestamp()), 0),
            "CATEGORY_L1": self.category,
            "BRAND": self.brand,
            "PRICE": self.price,
        }


def catalogue_items(item_ids: Collection[str] | None = None) -> Iterator[CatalogueItem]:
    """Every product, listed or not, by SKU, or some of them; for exports and campaigns, never for a page."""
    products = Product.objects.all() if item_ids is None else Product.objects.filter(sku__in=item_ids)
    rows = products.order_by("sku").values_list(
        "sku",
        OPENS,
        "category__name",
        "brand__name",
        "retail_price_cents",
        "house_price_cents",
        "is_listed",
        "attributes__excluded",
    )
    for sku, opens_at, category, brand, retail_cents, house_cents, is_listed, excluded in rows.iterator(
        chunk_size=10_000
    ):
        cents = retail_cents if retail_cents is not None else house_cents
        price = cents / 100 if cents is not None else None
        yield CatalogueItem(sku, opens_at, category, brand, price, is_listed, excluded == FEE_LINE)


def waiting_changes(limit: int) -> list[tuple[int, str]]:
    """The oldest changes of products that were not passed on: each one's number, and the product's SKU."""
    return list(ProductChange.objects.order_by("pk").values_list("pk", "sku")[:limit])


def oldest_change() -> tuple[int, int]:
    """The number of the oldest change that was not passed on, and how many wait; 0 and 0 where none does."""
    found = ProductChange.objects.aggregate(oldest=Min("pk"), n=Count("pk"))
    return found["oldest"] or 0, found["n"]


def forget_changes(numbers: Collection[int]) -> None:
    """Drop changes that were passed on; those that are gone already change nothing."""
    ProductChange.objects.filter(pk__in=numbers).delete()


def forget_all_changes() -> None:
    """Drop every change that is committed by now, for whoever reads the whole catalogue afterwards."""
    ProductChange.objects.all().delete()
