-- Trades from before there were orders: who sold is known from the ask, the fee was a tenth, and all is long done.
UPDATE catalog_trade AS trade SET seller_id = ask.seller_id
  FROM catalog_ask AS ask
 WHERE ask.id = trade.ask_id AND trade.seller_id IS NULL AND ask.seller_id IS NOT NULL AND ask.seller_id <> trade.buyer_id;

WITH made AS (
    INSERT INTO catalog_order (
        trade_id, buyer_id, seller_id, price_cents, processing_cents, shipping_cents, total_cents, fee_cents,
        payout_cents, status, placed_at, updated_at
    )
    SELECT id, buyer_id, seller_id, price_cents, 0, 0, price_cents, price_cents / 10, price_cents - price_cents / 10,
           'completed', traded_at, traded_at
      FROM catalog_trade AS trade
     WHERE source = 'market' AND NOT EXISTS (SELECT FROM catalog_order WHERE trade_id = trade.id)
    RETURNING id, placed_at
)
INSERT INTO catalog_orderstep (order_id, from_status, to_status, at, by, reason)
SELECT id, '', 'completed', placed_at, 'schedule', 'Bought before orders were kept.' FROM made;
