"""The market of one product, or of one of its sizes: the open book, the last sales and the chart of prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from catalog import book
from catalog.models import Product
from catalog.money import Money
from storefront.price_chart import ALL, SPANS, PriceChart, Span, choose_span, draw_prices, within
from storefront.product_page import SizeRow, chosen_size
from storefront.world import current_world

SALES_SHOWN = 8
LEVELS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class BookRow:
    """One price in the book: the size, and how many pieces stand there."""

    size: str
    price_cents: int
    n_pieces: int


@dataclass(frozen=True, slots=True)
class MarketPanel:
    """What the page shows below the product.

    Attributes:
        size: the chosen one; empty for all sizes together, and where there is only one.
        has_sizes: whether the rows are of several sizes and name theirs.
        n_days: on how many days anything was sold at all.
    """

    size: str
    has_sizes: bool
    bids: tuple[BookRow, ...]
    asks: tuple[BookRow, ...]
    sales: Sequence[book.Sale]
    chart: PriceChart | None
    span: Span
    spans: tuple[Span, ...]
    n_days: int


def build_market_panel(product: Product, sizes: Sequence[SizeRow], *, span_key: str = "") -> MarketPanel:
    """Read a product's market, in three queries.

    Args:
        product: whose.
        sizes: all of its sizes; the chosen one alone counts, if there is one.
        span_key: a key of `SPANS`; for any other, the span that has something to show.
    """
    chosen = chosen_size(sizes)
    shown = [chosen] if chosen else list(sizes)
    of = chosen.variant if chosen else product
    standing = book.levels(*(row.variant_id for row in shown), k=LEVELS_SHOWN)
    points, today = book.price_history(of), settings.CLOCK.now().date()
    span = choose_span(span_key, points, today)
    currency = current_world().currency
    chart = draw_prices(
        within(span, points, today),
        write_price=lambda cents: str(Money(cents, currency)),
        retail_cents=product.retail_price_cents,
    )
    names = {row.variant_id: row.size for row in shown}
    return MarketPanel(
        size=chosen.size if chosen and len(sizes) > 1 else "",
        has_sizes=len(shown) > 1,
        bids=_rows(standing.bids, names),
        asks=_rows(standing.asks, names),
        sales=book.last_sales(of, SALES_SHOWN),
        chart=chart,
        span=span,
        spans=SPANS if len(points) > 1 else (ALL,),
        n_days=len(points),
    )


def _rows(levels: Sequence[book.Level], names: dict[int, str]) -> tuple[BookRow, ...]:
    return tuple(BookRow(names[level.variant_id], level.price_cents, level.n_pieces) for level in levels)
