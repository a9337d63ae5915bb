"""Past trades in bulk: what is staged becomes trades that no market here made, and moves the last sales with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from catalog import conf
from catalog.models import Trade

BATCH_TRADES = 20_000
DROP_STAGING = "DROP TABLE IF EXISTS staged_trade, missing_trade"
CREATE_STAGING = """
    CREATE TEMPORARY TABLE staged_trade (
        variant_id bigint NOT NULL, price_cents integer NOT NULL, traded_at timestamptz NOT NULL
    )
"""
# Of trades that nothing tells apart, the shop may hold some: as many as are short are added.
FIND_MISSING = """
    CREATE TEMPORARY TABLE missing_trade AS
    SELECT row_number() OVER (ORDER BY traded_at, variant_id, price_cents) AS place, variant_id, price_cents, traded_at
    FROM (
        SELECT *, row_number() OVER (PARTITION BY variant_id, traded_at, price_cents) AS number FROM staged_trade
    ) AS numbered
    LEFT JOIN (
        SELECT variant_id, traded_at, price_cents, count(*) AS n_held
        FROM catalog_trade WHERE source = %s GROUP BY variant_id, traded_at, price_cents
    ) AS held USING (variant_id, traded_at, price_cents)
    WHERE number > coalesce(n_held, 0)
"""
INSERT_BATCH = """
    INSERT INTO catalog_trade (variant_id, source, price_cents, traded_at)
    SELECT variant_id, %(source)s, price_cents, traded_at FROM missing_trade
    WHERE place > %(after)s AND place <= %(up_to)s ORDER BY place
"""
# Held until the commit: a trade of the market that comes between then writes its own price after this one's.
LOCK_QUOTES = """
    SELECT FROM catalog_quote WHERE variant_id IN (
        SELECT variant_id FROM missing_trade WHERE place > %(after)s AND place <= %(up_to)s
    ) ORDER BY variant_id FOR NO KEY UPDATE
"""
MOVE_LAST_SALES = """
    INSERT INTO catalog_quote AS held (variant_id, last_sale_cents, last_sold_at, updated_at)
    SELECT DISTINCT ON (variant_id) variant_id, price_cents, traded_at, %(at)s::timestamptz FROM catalog_trade AS trade
    WHERE NOT EXISTS (SELECT FROM catalog_order WHERE trade_id = trade.id AND status = 'cancelled')
    AND variant_id IN (SELECT variant_id FROM missing_trade WHERE place > %(after)s AND place <= %(up_to)s)
    ORDER BY variant_id, traded_at DESC, id DESC
    ON CONFLICT (variant_id) DO UPDATE SET
        last_sale_cents = EXCLUDED.last_sale_cents, last_sold_at = EXCLUDED.last_sold_at,
        updated_at = EXCLUDED.updated_at
    WHERE (held.last_sale_cents, held.last_sold_at) IS DISTINCT FROM (EXCLUDED.last_sale_cents, EXCLUDED.last_sold_at)
"""


@contextmanager
def staging_trades() -> Iterator[None]:
    """An empty table `staged_trade` of this connection inside the block."""
    with connection.cursor() as cursor:
        # What a refused import left behind.
        cursor.execute(DROP_STAGING)
        cursor.execute(CREATE_STAGING)
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP_STAGING)


@contextmanager
def copying_trades() -> Iterator[Any]:
    """A COPY into the staging table; `write_row` takes (variant id, price in cents, aware time)."""
    columns = "variant_id, price_cents, traded_at"
    with connection.cursor() as cursor, cursor.copy(f"COPY staged_trade ({columns}) FROM STDIN") as copy:
        copy.set_types(("int8", "int4", "timestamptz"))
        yield copy


def add_staged(source: Trade.Source, *, on_progress: Callable[[float], None] = lambda _share: None) -> int:
    """Add those of the staged trades that the shop lacks, batch by batch, each with its last sales in one transaction.

    A trade is told by its variant, price and time; of several alike, as many as are short are added. So staging the
    same again adds nothing, and what was broken off goes on. Call it inside `staging_trades`, one caller at a time.

    Args:
        source: `SIMULATION` or `IMPORT`; trades of other sources are not looked at.
        on_progress: told the share done, 0..1, after each batch.

    Returns:
        How many trades are new.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE staged_trade")
        cursor.execute(FIND_MISSING, [source.value])
        n_missing = int(cursor.rowcount)
        cursor.execute("CREATE INDEX ON missing_trade (place)")
        cursor.execute("ANALYZE missing_trade")
        for after in range(0, n_missing, BATCH_TRADES):
            up_to = min(after + BATCH_TRADES, n_missing)
            with transaction.atomic():
                _add_batch(cursor, {"source": source.value, "after": after, "up_to": up_to, "at": conf.now()})
            on_progress(up_to / n_missing)
        if n_missing:
            cursor.execute("ANALYZE catalog_trade")
    return n_missing


def _add_batch(cursor: Any, named: dict[str, Any]) -> None:
    cursor.execute(INSERT_BATCH, named)
    cursor.execute(LOCK_QUOTES, named)
    cursor.execute(MOVE_LAST_SALES, named)
