"""The shop in: what is out, in which sizes, at which asks; and what the simulated shoppers did with it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np

from catalog.models import Product, Variant
from recommendations.models import Interaction
from storefront.simulation.market.sizes import Items, Sizes, build_sizes
from storefront.simulation.parameters import SIMULATED_KEY
from storefront.simulation.reading import MEDIUM_HYPE


@dataclass(frozen=True, slots=True)
class Deed:
    """A simulated shopper's purchase, bid or ask: of which item index, by which shopper number, for how much, when."""

    kind: str
    item: int
    shopper: int
    price_cents: int
    at: datetime


def read_items() -> tuple[Items, Sizes]:
    """What is listed now; both empty where nothing is."""
    looks = _looks()
    rows = list(
        Variant.objects.filter(product__in=Product.objects.listed())
        .order_by("product__sku", "position", "id")
        .values_list(
            "pk",
            "product__sku",
            "product__released_on",
            "product__attributes__hype",
            "product__retail_price_cents",
            "quote__lowest_ask_cents",
        )
    )
    skus = tuple(dict.fromkeys(sku for _, sku, *_ in rows))
    number = {sku: index for index, sku in enumerate(skus)}
    by_sku = {sku: (released_on, hype) for _, sku, released_on, hype, _, _ in rows}
    seen = np.array([float(looks[sku]) for sku in skus])
    items = Items(
        skus=skus,
        released_s=np.array([datetime.combine(by_sku[sku][0], time(), UTC).timestamp() for sku in skus]),
        hype=np.array([float(by_sku[sku][1] if by_sku[sku][1] is not None else MEDIUM_HYPE) for sku in skus]),
        interest=seen / seen.mean() if seen.any() else np.ones(len(skus)),
    )
    sizes = build_sizes(
        np.array([row[0] for row in rows], np.int64),
        np.array([number[row[1]] for row in rows], np.intp),
        np.array([np.nan if row[5] is None else float(row[5]) for row in rows]),
        np.array([float(row[4] or 0) for row in rows]),
    )
    return items, sizes


def read_deeds(items: Items, *, ends_at: datetime, standing_days: int) -> list[Deed]:
    """Every simulated purchase, and the bids and asks young enough to stand still, in the order of their time.

    Args:
        items: deeds with other items are left out.
        ends_at: the world's now.
        standing_days: the longest that a bid or an ask can stand.
    """
    number = {sku: index for index, sku in enumerate(items.skus)}
    rows = Interaction.objects.filter(
        shopper_key__startswith=SIMULATED_KEY,
        event_type__in=("purchase", "bid", "ask"),
        event_value__isnull=False,
        occurred_at__lt=ends_at,
    ).order_by("event_id")
    since = ends_at - timedelta(days=standing_days)
    deeds = []
    for kind, sku, key, value, at in rows.values_list(
        "event_type", "item_id", "shopper_key", "event_value", "occurred_at"
    ):
        if value is not None and sku in number and (kind == "purchase" or at >= since):
            shopper = int(key.removeprefix(SIMULATED_KEY)) - 1
            deeds.append(Deed(kind, number[sku], shopper, max(1, round(value * 100)), at))
    return deeds


def _looks() -> Counter[str]:
    """How often each SKU was looked at by simulated people."""
    views = Interaction.objects.filter(event_type="product_view", shopper_key__startswith=SIMULATED_KEY)
    return Counter(views.values_list("item_id", flat=True).iterator(chunk_size=20_000))
