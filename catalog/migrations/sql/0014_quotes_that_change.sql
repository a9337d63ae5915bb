-- What the book says at that moment, written in the transaction that changed it. Most orders stand behind others and leave
-- the quote as it is: then nothing is written, and `updated_at` stays the moment since which it has said so.
CREATE OR REPLACE FUNCTION market_quote(size_id bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lowest integer := (
        SELECT price_cents FROM catalog_ask
         WHERE variant_id = size_id AND status = 'open' AND (expires_at IS NULL OR expires_at > moment)
         ORDER BY price_cents, placed_at, id LIMIT 1);
    highest integer := (
        SELECT price_cents FROM catalog_bid
         WHERE variant_id = size_id AND status = 'open' AND expires_at > moment
         ORDER BY price_cents DESC, placed_at, id LIMIT 1);
    -- Not a join, whose plan a session would keep from when there were no orders: one look at a unique index.
    last_sale integer := (
        SELECT price_cents FROM catalog_trade AS trade
         WHERE variant_id = size_id
           AND (SELECT status FROM catalog_order WHERE trade_id = trade.id) IS DISTINCT FROM 'cancelled'
         ORDER BY traded_at DESC, id DESC LIMIT 1);
BEGIN
    UPDATE catalog_quote SET
        lowest_ask_cents = lowest, highest_bid_cents = highest, last_sale_cents = last_sale, updated_at = moment
     WHERE variant_id = size_id
       AND (lowest_ask_cents, highest_bid_cents, last_sale_cents) IS DISTINCT FROM (lowest, highest, last_sale);
    IF NOT FOUND THEN
        INSERT INTO catalog_quote (variant_id, lowest_ask_cents, highest_bid_cents, last_sale_cents, updated_at)
        VALUES (size_id, lowest, highest, last_sale, moment)
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- As every other way into the market.
ALTER FUNCTION market_requote(bigint, timestamptz) SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
