-- Sales that are complete already.
INSERT INTO catalog_payout (order_id, seller_id, kind, amount_cents, at)
SELECT id, seller_id, 'payout', payout_cents, updated_at FROM catalog_order
 WHERE status = 'completed' AND seller_id IS NOT NULL
    ON CONFLICT DO NOTHING;
