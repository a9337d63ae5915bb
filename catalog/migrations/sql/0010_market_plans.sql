-- Plans that stay good while a new shop's books fill: a session keeps the plan of its first commands, made when the tables
-- were all but empty and nothing was known of them. Each look at a book is written in the order of the book's index.

-- Place a bid, or give the standing one `edited` another price and expiry.
CREATE OR REPLACE FUNCTION market_bid(
    who bigint, size_id bigint, edited bigint, at_price integer, until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_ask := market_best_ask(size_id, who, moment);
    price integer := CASE WHEN best.id IS NULL THEN market_house_price(size_id) ELSE best.price_cents END;
    is_met boolean := coalesce(price <= at_price, false);
    became text := CASE WHEN is_met THEN 'filled' ELSE 'open' END;
    of_bid bigint := edited;
    outcome jsonb;
BEGIN
    IF is_met AND best.drop_id IS NOT NULL AND market_has_enough(who, best.drop_id) THEN
        RETURN market_refused('limit_reached', 'You have all the pieces of this drop that one account may have.');
    ELSIF NOT is_met AND (
        SELECT id FROM catalog_ask
         WHERE variant_id = size_id AND status = 'open' AND seller_id = who AND price_cents <= at_price
           AND (expires_at IS NULL OR expires_at > moment)
         ORDER BY price_cents, placed_at, id LIMIT 1
    ) IS NOT NULL THEN
        RETURN market_refused('self_trade', 'The only ask at that price is your own; cancel it or bid less.');
    END IF;
    IF edited IS NULL THEN
        INSERT INTO catalog_bid (variant_id, buyer_id, price_cents, status, placed_at, expires_at)
        VALUES (size_id, who, at_price, became, moment, until)
        RETURNING id INTO of_bid;
    ELSE
        UPDATE catalog_bid SET
            price_cents = at_price,
            status = became,
            placed_at = CASE WHEN price_cents = at_price THEN placed_at ELSE moment END,
            expires_at = until
         WHERE id = edited;
    END IF;
    IF is_met THEN
        UPDATE catalog_ask SET status = 'sold' WHERE id = best.id;
        outcome := market_settle(size_id, of_bid, best.id, who, best.seller_id, price, 'buyer', moment, fees);
    ELSE
        PERFORM market_quote(size_id, moment);
        outcome := jsonb_build_object('bid', of_bid, 'price', at_price);
    END IF;
    RETURN outcome || jsonb_build_object('until', until);
END
$$;

-- Place an ask, or give the standing one `edited` another price and expiry.
CREATE OR REPLACE FUNCTION market_ask(
    who bigint, size_id bigint, edited bigint, at_price integer, until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_bid := market_best_bid(size_id, who, moment);
    is_met boolean := coalesce(best.price_cents >= at_price, false);
    became text := CASE WHEN is_met THEN 'sold' ELSE 'open' END;
    of_ask bigint := edited;
    outcome jsonb;
BEGIN
    IF NOT is_met AND (
        SELECT id FROM catalog_bid
         WHERE variant_id = size_id AND status = 'open' AND buyer_id = who AND price_cents >= at_price
           AND expires_at > moment
         ORDER BY price_cents DESC, placed_at, id LIMIT 1
    ) IS NOT NULL THEN
        RETURN market_refused('self_trade', 'The only bid at that price is your own; cancel it or ask more.');
    END IF;
    IF edited IS NULL THEN
        INSERT INTO catalog_ask (variant_id, seller_id, price_cents, status, placed_at, expires_at)
        VALUES (size_id, who, at_price, became, moment, until)
        RETURNING id INTO of_ask;
    ELSE
        UPDATE catalog_ask SET
            price_cents = at_price,
            status = became,
            placed_at = CASE WHEN price_cents = at_price THEN placed_at ELSE moment END,
            expires_at = until
         WHERE id = edited;
    END IF;
    IF is_met THEN
        UPDATE catalog_bid SET status = 'filled' WHERE id = best.id;
        outcome := market_settle(
            size_id, best.id, of_ask, best.buyer_id, who, best.price_cents, 'seller', moment, fees);
    ELSE
        PERFORM market_quote(size_id, moment);
        outcome := jsonb_build_object('ask', of_ask, 'price', at_price);
    END IF;
    RETURN outcome || jsonb_build_object('until', until);
END
$$;

ALTER FUNCTION market_command(text, bigint, uuid, bytea, bigint, integer, timestamptz, timestamptz, market_fees)
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION market_stock(bigint, integer, integer, bigint, timestamptz, timestamptz, market_fees)
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION market_expire(bigint, timestamptz)
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION market_withdraw(bigint, timestamptz)
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan;
