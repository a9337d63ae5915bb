-- A match becomes a trade, an order with its amounts, and a quote.

CREATE TYPE market_fees AS (
    processing_share numeric,
    processing_min_cents integer,
    shipping_cents integer,
    seller_share numeric,
    seller_min_cents integer
);

-- A share of a price in whole cents, half a cent up, at least the minimum.
CREATE FUNCTION market_fee(price integer, share numeric, least_cents integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(round(price * share)::integer, least_cents);
$$;

-- Write the trade of a bid and an ask, or of one of them with somebody who takes it at once, or of the house.
CREATE FUNCTION market_settle(
    size_id bigint, of_bid bigint, of_ask bigint, buyer bigint, seller bigint, price integer, taker text,
    moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    processing integer := market_fee(price, fees.processing_share, fees.processing_min_cents);
    fee integer := least(market_fee(price, fees.seller_share, fees.seller_min_cents), price);
    of_trade bigint;
    of_order bigint;
BEGIN
    INSERT INTO catalog_trade (variant_id, source, ask_id, bid_id, buyer_id, seller_id, price_cents, traded_at)
    VALUES (size_id, 'market', of_ask, of_bid, buyer, seller, price, moment)
    RETURNING id INTO of_trade;
    INSERT INTO catalog_order (
        trade_id, buyer_id, seller_id, price_cents, processing_cents, shipping_cents, total_cents, fee_cents,
        payout_cents, status, placed_at, updated_at
    )
    VALUES (
        of_trade, buyer, seller, price, processing, fees.shipping_cents, price + processing + fees.shipping_cents, fee,
        price - fee, 'matched', moment, moment
    )
    RETURNING id INTO of_order;
    INSERT INTO catalog_orderstep (order_id, from_status, to_status, at, by, reason)
    VALUES (of_order, '', 'matched', moment, taker, '');
    PERFORM market_quote(size_id, moment);
    RETURN jsonb_build_object('bid', of_bid, 'ask', of_ask, 'trade', of_trade, 'order', of_order, 'price', price);
END
$$;
