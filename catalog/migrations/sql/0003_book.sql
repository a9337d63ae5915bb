-- The book of one size: its lock, its quote, and whether it may be traded.

-- Whoever changes a size's book holds its lock until the transaction ends. Two sizes of equal hash share one.
CREATE FUNCTION market_lock(size_id bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(1836216171, hashint8(size_id));
$$;

-- What the book says at that moment, written in the transaction that changed it.
CREATE FUNCTION market_quote(size_id bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
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
        (SELECT price_cents FROM catalog_trade WHERE variant_id = size_id ORDER BY traded_at DESC, id DESC LIMIT 1),
        moment
    )
    ON CONFLICT (variant_id) DO UPDATE SET
        lowest_ask_cents = excluded.lowest_ask_cents,
        highest_bid_cents = excluded.highest_bid_cents,
        last_sale_cents = excluded.last_sale_cents,
        updated_at = excluded.updated_at;
END
$$;

CREATE FUNCTION market_refused(code text, words text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('refused', code, 'words', words);
$$;

-- Why nobody may bid, ask, buy or sell in this size; null where everybody may.
CREATE FUNCTION market_closed(size_id bigint, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    size record;
BEGIN
    SELECT product.is_listed, product.released_on, sale.opens_at INTO size
      FROM catalog_variant AS variant
      JOIN catalog_product AS product ON product.id = variant.product_id
      LEFT JOIN catalog_drop AS sale ON sale.product_id = product.id
     WHERE variant.id = size_id;
    IF NOT FOUND THEN
        RETURN market_refused('order_rejected', format('variant_id == %s: there is no such size.', size_id));
    ELSIF NOT size.is_listed THEN
        RETURN market_refused('order_rejected', format('variant_id == %s: its product is not listed any more.', size_id));
    ELSIF size.opens_at > moment THEN
        RETURN market_refused('drop_not_open', format('variant_id == %s: its product drops at %s.', size_id,
            to_char(size.opens_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
    ELSIF size.opens_at IS NULL AND size.released_on > (moment AT TIME ZONE 'UTC')::date THEN
        RETURN market_refused('drop_not_open',
            format('variant_id == %s: its product drops on %s.', size_id, size.released_on));
    END IF;
    RETURN NULL;
END
$$;

-- Whether an account has all the pieces of a drop that one account may have; holds that count until the end.
CREATE FUNCTION market_has_enough(who bigint, of_drop bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1836216172, hashtext(who || ' ' || of_drop));
    RETURN (
        SELECT count(*) FROM catalog_trade AS trade
          JOIN catalog_ask AS ask ON ask.id = trade.ask_id
          JOIN catalog_order AS placed ON placed.trade_id = trade.id
         WHERE trade.buyer_id = who AND ask.drop_id = of_drop AND placed.status <> 'cancelled'
    ) >= (SELECT limit_per_account FROM catalog_drop WHERE id = of_drop);
END
$$;
