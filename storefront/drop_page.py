"""What pages say of a drop: when it opens and how long that is, its price, its pieces and how many are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from catalog.dropping import Stock, drop_of, opening_of, stock_of, stocks_of
from catalog.models import Drop, Product

DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60
NO_STOCK = Stock(())
# How long after its opening a drop is still called one.
FRESH_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class DropPanel:
    """One drop at one moment; a product without a row of its own opens with its day and has no stock told.

    `seconds_left` is 0 from the opening on; `price_cents` is the house's, or the retail price.
    """

    product: Product
    opens_at: datetime
    seconds_left: int
    price_cents: int | None
    limit_per_account: int | None
    stock: Stock

    @property
    def is_to_come(self) -> bool:
        """Whether it is still to open."""
        return self.seconds_left > 0

    @property
    def in_words(self) -> str:
        """How long until it opens, in its two greatest units: `2 days 3 hours`; empty once it is open."""
        return spell(self.seconds_left)


def panel_of(product: Product, now: datetime) -> DropPanel | None:
    """What a product's page says of its drop; None for what is out and was never one, or dropped long ago.

    One query more where there is a drop, if it was read along.
    """
    drop = drop_of(product)
    opens_at = opening_of(product)
    if opens_at <= now and (drop is None or opens_at < now - FRESH_FOR):
        return None
    return _panel(product, drop, stock_of(drop) if drop else NO_STOCK, now)


def is_to_come(product: Product, now: datetime) -> bool:
    """Whether a product is announced and still to open; no query where its drop was read along."""
    return opening_of(product) > now


def panels_of(products: Sequence[Product], now: datetime) -> list[DropPanel]:
    """The same of many products, each with its drop read along, in their order; one query."""
    drops = [drop for product in products if (drop := drop_of(product)) is not None]
    stocks = stocks_of(drops) if drops else {}
    return [
        _panel(product, drop := drop_of(product), stocks[drop.pk] if drop else NO_STOCK, now) for product in products
    ]


def spell(seconds: int) -> str:
    """A duration in its two greatest units, as `1 day 4 hours` or `3 minutes`; empty for 0."""
    if 0 < seconds < MINUTE_S:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    units = [
        (seconds // DAY_S, "day"),
        (seconds % DAY_S // HOUR_S, "hour"),
        (seconds % HOUR_S // MINUTE_S, "minute"),
    ]
    first = next((place for place, (count, _) in enumerate(units) if count), len(units))
    return " ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in units[first : first + 2] if count)


def _panel(product: Product, drop: Drop | None, stock: Stock, now: datetime) -> DropPanel:
    opens_at = opening_of(product)
    return DropPanel(
        product=product,
        opens_at=opens_at,
        seconds_left=max(0, ceil((opens_at - now).total_seconds())),
        price_cents=drop.price_cents if drop else product.retail_price_cents,
        limit_per_account=drop.limit_per_account if drop else None,
        stock=stock,
    )
