-- A trade whose order was cancelled was no sale: nobody moves a last sale by a purchase that they do not pay.
CREATE OR REPLACE FUNCTION market_quote(size_id bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_quote AS quote (variant_id, lowest_ask_cents, highest_bid_cents, last_sale_cents, updated_at)
    VALUES (
        size_id,
        (SELECT price_cents FROM catalog_ask
          WHERE variant_id = size_id AND status = 'open' AND (expires_at IS NULL OR expires_at > moment)
          ORDER BY price_cents, placed_at, id LIMIT 1),
        (SELECT price_cents FROM catalog_bid
          WHERE variant_id = size_id AND status = 'open' AND expires_at > moment
          ORDER BY price_cents DESC, placed_at, id LIMIT 1),
        -- Not a join, whose plan a session would keep from when there were no orders: one look at a unique index.
        (SELECT price_cents FROM catalog_trade AS trade
          WHERE variant_id = size_id
            AND (SELECT status FROM catalog_order WHERE trade_id = trade.id) IS DISTINCT FROM 'cancelled'
          ORDER BY traded_at DESC, id DESC LIMIT 1),
        moment
    )
    ON CONFLICT (variant_id) DO UPDATE SET
        lowest_ask_cents = excluded.lowest_ask_cents,
        highest_bid_cents = excluded.highest_bid_cents,
        last_sale_cents = excluded.last_sale_cents,
        updated_at = excluded.updated_at;
END
$$;

-- Bring one size's quote up to date after something that is no command.
CREATE FUNCTION market_requote(size_id bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM market_lock(size_id);
    PERFORM market_quote(size_id, moment);
END
$$;
