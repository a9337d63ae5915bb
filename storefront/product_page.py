"""What the product page says of prices: one row a size, the one that heads the page, and a drop still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ObjectDoesNotExist

from catalog.models import Product, Quote, Variant


@dataclass(frozen=True, slots=True)
class Drop:
    """A release still to come: the day it opens, at midnight UTC, and how far off that is."""

    opens_on: date
    in_days: int


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One size: what it costs now (an ask or the house's price), its quote, and whether it is chosen on the page."""

    variant_id: int
    size: str
    price_cents: int | None
    lowest_ask_cents: int | None
    highest_bid_cents: int | None
    last_sale_cents: int | None
    is_chosen: bool

    @property
    def choice(self) -> str:
        """What the form sends: the size and the price shown with it."""
        return f"{self.variant_id}:{self.price_cents}"


def drop_of(product: Product, today: date) -> Drop | None:
    """The drop that the page announces instead of selling; None for what is out."""
    if not product.is_upcoming(today):
        return None
    return Drop(product.released_on, (product.released_on - today) // timedelta(days=1))


def size_rows(product: Product, *, chosen_id: int | None = None) -> list[SizeRow]:
    """The product's sizes in order, one query; a size asked for stays chosen, and an only size is chosen by itself."""
    variants = list(product.variants.select_related("quote"))
    if len(variants) == 1:
        chosen_id = variants[0].pk
    return [_row(variant, product.house_price_cents, chosen_id) for variant in variants]


def leading_size(sizes: Sequence[SizeRow]) -> SizeRow | None:
    """The size whose quote heads the page: the chosen one, else the one that costs least; None without sizes."""
    chosen = [row for row in sizes if row.is_chosen]
    priced = sorted(_priced(sizes), key=lambda pair: pair[0])
    return next(iter([*chosen, *(row for _, row in priced), *sizes]), None)


def _row(variant: Variant, house_price_cents: int | None, chosen_id: int | None) -> SizeRow:
    quote = _quote(variant)
    lowest_ask_cents = quote.lowest_ask_cents if quote else None
    price_cents = house_price_cents if lowest_ask_cents is None else lowest_ask_cents
    return SizeRow(
        variant_id=variant.pk,
        size=variant.size,
        price_cents=price_cents,
        lowest_ask_cents=lowest_ask_cents,
        highest_bid_cents=quote.highest_bid_cents if quote else None,
        last_sale_cents=quote.last_sale_cents if quote else None,
        is_chosen=variant.pk == chosen_id and price_cents is not None,
    )


def _quote(variant: Variant) -> Quote | None:
    try:
        return variant.quote
    except ObjectDoesNotExist:
        return None


def _priced(sizes: Sequence[SizeRow]) -> list[tuple[int, SizeRow]]:
    return [(row.price_cents, row) for row in sizes if row.price_cents is not None]
