"""Reads of the market for whoever looks at it: open bids and asks by price, the last sales, and prices day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value

from catalog import conf
from catalog.models import Ask, Bid, Order, Product, Trade, Variant
from catalog.orders.states import OrderStatus

LEVELS = 10
MOST_LEVELS = 100
MOST_SALES = 100
# A product's newest sales, so that no history makes its page slow: fifty a day for a year.
MOST_TRADES = 20_000
# What the next order would meet; a page asks for nothing more often.
BEST_PRICES = """
    SELECT ask.price_cents, bid.price_cents, ask.drop_id
      FROM market_best_ask(%(size)s, %(who)s, %(at)s) AS ask, market_best_bid(%(size)s, %(who)s, %(at)s) AS bid
"""


@dataclass(frozen=True, slots=True)
class Level:
    """How many pieces of one size stand at one price, in minor units."""

    variant_id: int
    price_cents: int
    n_pieces: int


@dataclass(frozen=True, slots=True)
class Book:
    """The open bids and asks, best price first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class BestPrices:
    """The lowest ask and the highest bid for one size, in minor units, None where there is none; `drop_id` is the drop
    whose piece that ask is, None for anybody else's.
    """

    ask_cents: int | None
    bid_cents: int | None
    drop_id: int | None


@dataclass(frozen=True, slots=True)
class Sale:
    """One piece that changed hands."""

    variant_id: int
    size: str
    price_cents: int
    traded_at: datetime


@dataclass(frozen=True, slots=True)
class DayPrice:
    """What one day's sales (UTC) cost, in minor units; `median_cents` is the lower
    median, a price that was paid.
    """

    day: date
    median_cents: int
    low_cents: int
    high_cents: int
    n_sales: int


# In SQL, because grouping what is ordered and cut takes the ORM a second reading of every row.
_OF_PRODUCT = "variant_id IN (SELECT id FROM catalog_variant WHERE product_id = %s)"
_HISTORY = """
SELECT day, percentile_disc(0.5) WITHIN GROUP (ORDER BY price_cents), min(price_cents), max(price_cents), count(*)
FROM (
    SELECT (traded_at AT TIME ZONE 'UTC')::date AS day, price_cents
    FROM catalog_trade AS trade
    WHERE {scope} AND traded_at >= %s AND (
        source <> 'market'
        OR (SELECT status FROM catalog_order WHERE trade_id = trade.id) IS DISTINCT FROM 'cancelled'
    )
    ORDER BY traded_at DESC, id DESC
    LIMIT %s
) AS newest
GROUP BY day
ORDER BY day
"""


def levels(*variant_ids: int, k: int = LEVELS) -> Book:
    """What stands in the books of some sizes, in one query.

    Expired bids and asks are left out, and so is the stock of a drop that has not opened.

    Args:
        variant_ids: the sizes, usually of one product; none at all have an empty book.
        k: the most levels a side, 1..`MOST_LEVELS`.

    Returns:
        The best levels of all these sizes together: highest bids, lowest asks.
    """
    if not variant_ids:
        return Book((), ())
    now, k = conf.now(), min(max(k, 1), MOST_LEVELS)
    bids = Bid.objects.filter(variant_id__in=variant_ids, status=Bid.Status.OPEN, expires_at__gt=now)
    asks = Ask.objects.filter(_alive(now), variant_id__in=variant_ids, status=Ask.Status.OPEN)
    rows = list(_side(bids, "bid", "-price_cents", k).union(_side(asks, "ask", "price_cents", k), all=True))
    # A union promises no order of its rows.
    asked = sorted(_levels(rows, "ask"), key=lambda level: (level.price_cents, level.variant_id))
    return Book(
        tuple(sorted(_levels(rows, "bid"), key=lambda level: (-level.price_cents, level.variant_id))), tuple(asked)
    )


def best_prices(variant_id: int, *, not_by: int) -> BestPrices:
    """The lowest price somebody else asks for a size and the highest somebody else bids, as the market finds them.

    Args:
        variant_id: the size.
        not_by: the account whose own asks and bids do not count; 0 for nobody's.
    """
    now = conf.now()
    with connection.cursor() as cursor:
        cursor.execute(BEST_PRICES, {"size": variant_id, "who": not_by, "at": now})
        return BestPrices(*cursor.fetchone())


def last_sales(of: Product | Variant, k: int = 10) -> list[Sale]:
    """The newest sales of a product or of one size, the last one first; what was cancelled was no sale.

    Args:
        of: the product with all its sizes, or the one size.
        k: how many at most, 1..`MOST_SALES`.
    """
    newest = _trades(of).select_related("variant").order_by("-traded_at", "-id")[: min(max(k, 1), MOST_SALES)]
    return [Sale(trade.variant_id, trade.variant.size, trade.price_cents, trade.traded_at) for trade in newest]


def price_history(of: Product | Variant, since: date | None = None) -> list[DayPrice]:
    """What sales cost, day by day, in one query over the newest `MOST_TRADES` sales; what was cancelled was none.

    Args:
        of: the product with all its sizes, or the one size.
        since: the first day, in UTC; None for all there is.

    Returns:
        One point for each day with a sale, the earliest first.
    """
    scope = "variant_id = %s" if isinstance(of, Variant) else _OF_PRODUCT
    from_on = datetime.min.replace(tzinfo=UTC) if since is None else datetime.combine(since, time(), UTC)
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY.format(scope=scope), (of.pk, from_on, MOST_TRADES))
        return [DayPrice(*row) for row in cursor.fetchall()]


def _alive(now: datetime) -> Q:
    """Asks that are neither expired nor stock of a drop still to come."""
    return (Q(expires_at=None) | Q(expires_at__gt=now)) & (Q(drop=None) | Q(drop__opens_at__lte=now))


def _side(orders: QuerySet[Any], side: str, order: str, k: int) -> QuerySet[Any, dict[str, Any]]:
    counted = orders.order_by().values("variant_id", "price_cents").annotate(n_pieces=Count("pk"), side=Value(side))
    best: QuerySet[Any, dict[str, Any]] = counted.order_by(order, "variant_id")[:k]
    return best


def _levels(rows: list[dict[str, Any]], side: str) -> Iterator[Level]:
    return (Level(row["variant_id"], row["price_cents"], row["n_pieces"]) for row in rows if row["side"] == side)


def _trades(of: Product | Variant) -> QuerySet[Trade]:
    cancelled = Order.objects.filter(trade=OuterRef("pk"), status=OrderStatus.CANCELLED.value)
    stand = Trade.objects.filter(~Exists(cancelled))
    if isinstance(of, Variant):
        return stand.filter(variant=of)
    # By the sizes' ids: each has its history by time in an index of its own.
    return stand.filter(variant__product=of)
