-- A buyer's key moves to the command that it stands for; the price seen was at least the price paid.
INSERT INTO catalog_marketcommand (account_id, idempotency_key, kind, fingerprint, outcome, made_at)
SELECT trade.buyer_id, trade.idempotency_key, 'buy_now',
       sha256(convert_to(format('buy_now %s %s ', trade.variant_id, trade.price_cents), 'UTF8')),
       jsonb_build_object('bid', NULL, 'ask', trade.ask_id, 'trade', trade.id, 'order', placed.id,
                          'price', trade.price_cents, 'at', trade.traded_at),
       trade.traded_at
  FROM catalog_trade AS trade
  JOIN catalog_order AS placed ON placed.trade_id = trade.id
 WHERE trade.idempotency_key IS NOT NULL
ON CONFLICT DO NOTHING;
