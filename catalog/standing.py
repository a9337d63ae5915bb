"""Standing bids and asks in bulk, for books that nobody trades in meanwhile: those of a world that is being made."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

# Until the commit nobody places, edits or fills an order, so that what was read of the books still holds.
LOCK_BOOKS = "LOCK TABLE catalog_bid, catalog_ask IN SHARE ROW EXCLUSIVE MODE"
COPY_BIDS = "COPY catalog_bid (variant_id, buyer_id, price_cents, status, placed_at, expires_at) FROM STDIN"
COPY_ASKS = "COPY catalog_ask (variant_id, seller_id, price_cents, status, placed_at, expires_at) FROM STDIN"
FIND_CROSSED = """
    SELECT ask.variant_id FROM catalog_ask AS ask JOIN catalog_bid AS bid USING (variant_id)
    WHERE ask.status = 'open' AND bid.status = 'open' AND bid.price_cents >= ask.price_cents
      AND (ask.expires_at IS NULL OR ask.expires_at > %(at)s) AND bid.expires_at > %(at)s
    LIMIT 1
"""
MOVE_QUOTES = """
    INSERT INTO catalog_quote AS held (variant_id, lowest_ask_cents, highest_bid_cents, updated_at)
    SELECT variant_id, min(ask), max(bid), %(at)s::timestamptz FROM (
        SELECT variant_id, price_cents AS ask, NULL::integer AS bid FROM catalog_ask
        WHERE status = 'open' AND (expires_at IS NULL OR expires_at > %(at)s)
        UNION ALL
        SELECT variant_id, NULL, price_cents FROM catalog_bid WHERE status = 'open' AND expires_at > %(at)s
    ) AS open
    GROUP BY variant_id
    ON CONFLICT (variant_id) DO UPDATE SET
        lowest_ask_cents = EXCLUDED.lowest_ask_cents, highest_bid_cents = EXCLUDED.highest_bid_cents,
        good_until = NULL, updated_at = EXCLUDED.updated_at
    WHERE (held.lowest_ask_cents, held.highest_bid_cents)
        IS DISTINCT FROM (EXCLUDED.lowest_ask_cents, EXCLUDED.highest_bid_cents)
"""


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """One piece bid for or offered by an account, until it runs out."""

    variant_id: int
    account_id: int
    price_cents: int
    placed_at: datetime
    expires_at: datetime


@contextmanager
def books_held() -> Iterator[None]:
    """A transaction in which nobody else changes any book; read the books inside it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK_BOOKS)
        yield


def add_standing(bids: Iterable[StandingOrder], asks: Iterable[StandingOrder], *, at: datetime) -> None:
    """Write orders into the books and move the quotes; call it inside `books_held`.

    Args:
        bids, asks: none of them may cross another or what stands; the earlier ones have the lower ids.
        at: the world's time.

    Raises:
        ValueError: a book would rest crossed.
    """
    with connection.cursor() as cursor:
        for statement, orders in ((COPY_BIDS, bids), (COPY_ASKS, asks)):
            with cursor.copy(statement) as copy:
                for order in sorted(orders, key=lambda order: order.placed_at):
                    copy.write_row(
                        (
                            order.variant_id,
                            order.account_id,
                            order.price_cents,
                            "open",
                            order.placed_at,
                            order.expires_at,
                        )
                    )
        cursor.execute(FIND_CROSSED, {"at": at})
        crossed = cursor.fetchone()
        if crossed is not None:
            raise ValueError(f"The book of variant {crossed[0]} would be crossed: a bid is as high as an ask.")
        cursor.execute(MOVE_QUOTES, {"at": at})
