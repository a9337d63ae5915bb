"""What the product page says of prices: one row a size, and the one that heads the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from catalog.models import Product, Quote, Variant


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One size: what it costs now (an ask or the house's price), its quote, and whether it is chosen on the page."""

    variant: Variant
    price_cents: int | None
    lowest_ask_cents: int | None
    highest_bid_cents: int | None
    last_sale_cents: int | None
    retail_cents: int | None
    is_chosen: bool

    @property
    def variant_id(self) -> int:
        return self.variant.pk

    @property
    def size(self) -> str:
        return self.variant.size

    @property
    def choice(self) -> str:
        """What a purchase sends: the size and the price shown with it."""
        return f"{self.variant_id}:{self.price_cents}"

    @property
    def is_house_price(self) -> bool:
        """Whether nobody asks and the house sells."""
        return self.lowest_ask_cents is None and self.price_cents is not None

    @property
    def spread_cents(self) -> int | None:
        """How far the lowest ask lies above the highest bid; None where one of them is missing."""
        if self.lowest_ask_cents is None or self.highest_bid_cents is None:
            return None
        return self.lowest_ask_cents - self.highest_bid_cents

    @property
    def premium_share(self) -> float | None:
        """How much more than the retail price the last sale cost, as a share; the ask stands in for a missing sale."""
        paid = self.price_cents if self.last_sale_cents is None else self.last_sale_cents
        return None if paid is None or not self.retail_cents else paid / self.retail_cents - 1.0


def size_rows(product: Product, *, chosen_id: int | None = None) -> list[SizeRow]:
    """The product's sizes in order, one query; a size asked for stays chosen, and an only size is chosen by itself."""
    variants = list(product.variants.select_related("quote"))
    if len(variants) == 1:
        chosen_id = variants[0].pk
    return [_row(product, variant, chosen_id) for variant in variants]


def chosen_size(sizes: Sequence[SizeRow]) -> SizeRow | None:
    """The size that the shopper chose, if any."""
    return next((row for row in sizes if row.is_chosen), None)


def leading_size(sizes: Sequence[SizeRow]) -> SizeRow | None:
    """The size whose quote heads the page: the chosen one, else the one that costs least; None without sizes."""
    priced = sorted(_priced(sizes), key=lambda pair: pair[0])
    return chosen_size(sizes) or next(iter([*(row for _, row in priced), *sizes]), None)


def top_bid(sizes: Sequence[SizeRow]) -> int | None:
    """The highest bid, in minor units: for the chosen size, or over all; None where nobody bids."""
    chosen = chosen_size(sizes)
    bids = [row.highest_bid_cents for row in ([chosen] if chosen else sizes)]
    return max((cents for cents in bids if cents is not None), default=None)


def read_size(text: str) -> int | None:
    """A size's id as an address names it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _row(product: Product, variant: Variant, chosen_id: int | None) -> SizeRow:
    quote = _quote(variant)
    lowest_ask_cents = quote.lowest_ask_cents if quote else None
    return SizeRow(
        variant=variant,
        price_cents=product.house_price_cents if lowest_ask_cents is None else lowest_ask_cents,
        lowest_ask_cents=lowest_ask_cents,
        highest_bid_cents=quote.highest_bid_cents if quote else None,
        last_sale_cents=quote.last_sale_cents if quote else None,
        retail_cents=product.retail_price_cents,
        is_chosen=variant.pk == chosen_id,
    )


def _quote(variant: Variant) -> Quote | None:
    try:
        return variant.quote
    except ObjectDoesNotExist:
        return None


def _priced(sizes: Sequence[SizeRow]) -> list[tuple[int, SizeRow]]:
    return [(row.price_cents, row) for row in sizes if row.price_cents is not None]
