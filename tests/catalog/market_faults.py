"""What must hold of the whole market at any moment, asked of the database itself."""

from datetime import datetime
from typing import Any
from weakref import WeakSet

from django.db import connection
from psycopg import Connection

from catalog import calling

OPEN = "status = 'open' AND (expires_at IS NULL OR expires_at > %(at)s)"
FAULTS = {
    "an ask is sold by exactly one trade": """
        SELECT ask.id FROM catalog_ask AS ask LEFT JOIN catalog_trade AS trade ON trade.ask_id = ask.id
         GROUP BY ask.id HAVING count(trade.id) <> (ask.status = 'sold')::int""",
    "a bid is filled by exactly one trade": """
        SELECT bid.id FROM catalog_bid AS bid LEFT JOIN catalog_trade AS trade ON trade.bid_id = bid.id
         GROUP BY bid.id HAVING count(trade.id) <> (bid.status = 'filled')::int""",
    "a trade's price is one of its limits and within both": """
        SELECT trade.id FROM catalog_trade AS trade
          LEFT JOIN catalog_ask AS ask ON ask.id = trade.ask_id LEFT JOIN catalog_bid AS bid ON bid.id = trade.bid_id
         WHERE source = 'market' AND NOT (
            coalesce(trade.price_cents >= ask.price_cents, true)
            AND coalesce(trade.price_cents <= bid.price_cents, true)
            AND (ask.id IS NULL OR trade.price_cents IN (ask.price_cents, bid.price_cents)))""",
    "a trade is of its bid's and its ask's size, buyer and seller": """
        SELECT trade.id FROM catalog_trade AS trade
          LEFT JOIN catalog_ask AS ask ON ask.id = trade.ask_id LEFT JOIN catalog_bid AS bid ON bid.id = trade.bid_id
         WHERE source = 'market' AND NOT (
            coalesce(ask.variant_id, trade.variant_id) = trade.variant_id
            AND coalesce(bid.variant_id, trade.variant_id) = trade.variant_id
            AND coalesce(bid.buyer_id, trade.buyer_id) = trade.buyer_id
            AND (ask.id IS NULL OR ask.seller_id IS NOT DISTINCT FROM trade.seller_id))""",
    "no book stands crossed": f"""
        SELECT variant_id
          FROM (SELECT variant_id, max(price_cents) AS most FROM catalog_bid WHERE {OPEN} GROUP BY 1) AS bids
          JOIN (SELECT variant_id, min(price_cents) AS least FROM catalog_ask WHERE {OPEN} GROUP BY 1) AS asks
         USING (variant_id) WHERE most >= least""",
    "nobody trades with oneself": "SELECT id FROM catalog_trade WHERE buyer_id = seller_id",
    "nothing expired was sold": """
        SELECT trade.id FROM catalog_trade AS trade LEFT JOIN catalog_ask AS ask ON ask.id = trade.ask_id
          LEFT JOIN catalog_bid AS bid ON bid.id = trade.bid_id
         WHERE ask.expires_at <= trade.traded_at OR bid.expires_at <= trade.traded_at""",
    "who is suspended has nothing standing": """
        SELECT account_id FROM catalog_suspension AS s WHERE ended_at IS NULL AND (
            EXISTS (SELECT FROM catalog_bid WHERE buyer_id = account_id AND status = 'open')
            OR EXISTS (SELECT FROM catalog_ask WHERE seller_id = account_id AND status = 'open'))""",
    "a trade has one order with its people and its price": """
        SELECT trade.id FROM catalog_trade AS trade LEFT JOIN catalog_order AS placed ON placed.trade_id = trade.id
         WHERE source = 'market' AND (placed.id IS NULL OR placed.buyer_id <> trade.buyer_id
            OR placed.seller_id IS DISTINCT FROM trade.seller_id OR placed.price_cents <> trade.price_cents)""",
    "an order's amounts add up": """
        SELECT id FROM catalog_order WHERE total_cents <> price_cents + processing_cents + shipping_cents
            OR price_cents <> fee_cents + payout_cents""",
    "a seller is paid out for what is complete, once": """
        SELECT placed.id FROM catalog_order AS placed LEFT JOIN catalog_payout AS payout ON payout.order_id = placed.id
         GROUP BY placed.id HAVING coalesce(sum(payout.amount_cents), 0) <> CASE
            WHEN placed.status = 'completed' AND placed.seller_id IS NOT NULL THEN placed.payout_cents ELSE 0 END""",
    "a quote is the book at the moment it was written": """
        SELECT variant_id FROM catalog_quote AS quote WHERE ROW(lowest_ask_cents, highest_bid_cents, last_sale_cents)
            IS DISTINCT FROM ROW(
            (SELECT min(price_cents) FROM catalog_ask WHERE variant_id = quote.variant_id AND status = 'open'
                AND (expires_at IS NULL OR expires_at > updated_at)),
            (SELECT max(price_cents) FROM catalog_bid WHERE variant_id = quote.variant_id AND status = 'open'
                AND expires_at > updated_at),
            (SELECT trade.price_cents FROM catalog_trade AS trade
               LEFT JOIN catalog_order AS placed ON placed.trade_id = trade.id
              WHERE variant_id = quote.variant_id AND placed.status IS DISTINCT FROM 'cancelled'
              ORDER BY traded_at DESC, trade.id DESC LIMIT 1))""",
    "a command that traded names its trade and order": """
        SELECT command.id FROM catalog_marketcommand AS command WHERE outcome ->> 'trade' IS NOT NULL AND NOT EXISTS (
            SELECT FROM catalog_trade AS trade JOIN catalog_order AS placed ON placed.trade_id = trade.id
             WHERE trade.id = (outcome ->> 'trade')::bigint AND placed.id = (outcome ->> 'order')::bigint
               AND command.account_id IN (trade.buyer_id, trade.seller_id))""",
    "a drop sells no account more than its limit": """
        SELECT sale.id FROM catalog_drop AS sale JOIN catalog_ask AS ask ON ask.drop_id = sale.id
          JOIN catalog_trade AS trade ON trade.ask_id = ask.id
          JOIN catalog_order AS placed ON placed.trade_id = trade.id
         WHERE placed.status <> 'cancelled'
         GROUP BY sale.id, trade.buyer_id HAVING count(*) > sale.limit_per_account""",
}

# One statement, prepared: a test asks it after each of ten thousand steps. In SQL, because a driver that prepares drops
# what the market's own calls have prepared.
ALL = " UNION ALL ".join(f"SELECT $${rule}$$, * FROM ({query}) AS broken" for rule, query in FAULTS.items())
PREPARE = "PREPARE find_faults (timestamptz) AS " + ALL.replace("%(at)s", "$1")
_planned: WeakSet[Connection[Any]] = WeakSet()


def find_faults(at: datetime) -> dict[str, list[int]]:
    """The rules that are broken at that moment, each with the ids of what breaks it; empty where all is well."""
    connection.ensure_connection()
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        if connection.connection not in _planned:
            cursor.execute(PREPARE)
            _planned.add(connection.connection)
        cursor.execute("EXECUTE find_faults (%s)", [at])
        for rule, broken_by in cursor:
            found.setdefault(rule, []).append(broken_by)
    return found


def plan_anew() -> None:
    """Have all that is prepared planned for the tables as they are: rows of earlier examples lie about in them."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    _planned.discard(connection.connection)
    calling.forget_prepared(connection.connection)
