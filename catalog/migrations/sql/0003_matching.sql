-- catalog/matching.py in the database: each under the lock of its size, each returning an outcome.

-- The ask that serves a buyer first: the lowest, then the oldest, of somebody else.
CREATE FUNCTION market_best_ask(size_id bigint, who bigint, moment timestamptz) RETURNS catalog_ask
LANGUAGE plpgsql AS $$
DECLARE
    best catalog_ask;
BEGIN
    SELECT * INTO best FROM catalog_ask
     WHERE variant_id = size_id AND status = 'open' AND (expires_at IS NULL OR expires_at > moment)
       AND seller_id IS DISTINCT FROM who
     ORDER BY price_cents, placed_at, id LIMIT 1;
    RETURN best;
END
$$;

-- The bid that serves a seller first: the highest, then the oldest, of somebody else.
CREATE FUNCTION market_best_bid(size_id bigint, who bigint, moment timestamptz) RETURNS catalog_bid
LANGUAGE plpgsql AS $$
DECLARE
    best catalog_bid;
BEGIN
    SELECT * INTO best FROM catalog_bid
     WHERE variant_id = size_id AND status = 'open' AND expires_at > moment AND buyer_id IS DISTINCT FROM who
     ORDER BY price_cents DESC, placed_at, id LIMIT 1;
    RETURN best;
END
$$;

-- What the house takes for a piece where nobody else asks; null where it sells none.
CREATE FUNCTION market_house_price(size_id bigint) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT product.house_price_cents FROM catalog_variant AS variant
      JOIN catalog_product AS product ON product.id = variant.product_id
     WHERE variant.id = size_id;
$$;

-- Place a bid, or give the standing one `edited` another price and expiry.
CREATE FUNCTION market_bid(
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
    ELSIF NOT is_met AND EXISTS (
        SELECT FROM catalog_ask
         WHERE variant_id = size_id AND status = 'open' AND seller_id = who AND price_cents <= at_price
           AND (expires_at IS NULL OR expires_at > moment)
    ) THEN
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
CREATE FUNCTION market_ask(
    who bigint, size_id bigint, edited bigint, at_price integer, until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_bid := market_best_bid(size_id, who, moment);
    is_met boolean := coalesce(best.price_cents >= at_price, false);
    became text := CASE WHEN is_met THEN 'sold' ELSE 'open' END;
    of_ask bigint := edited;
    outcome jsonb;
BEGIN
    IF NOT is_met AND EXISTS (
        SELECT FROM catalog_bid
         WHERE variant_id = size_id AND status = 'open' AND buyer_id = who AND price_cents >= at_price
           AND expires_at > moment
    ) THEN
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

-- Buy one piece at the best price there is, if it is no worse than the one that the buyer saw.
CREATE FUNCTION market_buy(who bigint, size_id bigint, seen integer, moment timestamptz, fees market_fees)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_ask := market_best_ask(size_id, who, moment);
    price integer := CASE WHEN best.id IS NULL THEN market_house_price(size_id) ELSE best.price_cents END;
BEGIN
    IF price IS NULL THEN
        IF EXISTS (SELECT FROM catalog_ask WHERE variant_id = size_id AND status = 'open' AND seller_id = who
                      AND (expires_at IS NULL OR expires_at > moment)) THEN
            RETURN market_refused('self_trade', 'The only ask is your own; cancel it instead of buying it.');
        ELSIF EXISTS (SELECT FROM catalog_dropsize WHERE variant_id = size_id) THEN
            RETURN market_refused('sold_out', 'Every piece of this drop is sold, and nobody else asks yet.');
        END IF;
        RETURN market_refused('ask_gone', 'Nobody asks for this size any more.');
    ELSIF price > seen THEN
        RETURN jsonb_build_object('refused', 'quote_moved', 'seen', seen, 'now', price);
    ELSIF best.drop_id IS NOT NULL AND market_has_enough(who, best.drop_id) THEN
        RETURN market_refused('limit_reached', 'You have all the pieces of this drop that one account may have.');
    END IF;
    UPDATE catalog_ask SET status = 'sold' WHERE id = best.id;
    RETURN market_settle(size_id, NULL, best.id, who, best.seller_id, price, 'buyer', moment, fees);
END
$$;

-- Sell one piece at the best price there is, if it is no worse than the one that the seller saw.
CREATE FUNCTION market_sell(who bigint, size_id bigint, seen integer, moment timestamptz, fees market_fees)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_bid := market_best_bid(size_id, who, moment);
BEGIN
    IF best.id IS NULL THEN
        IF EXISTS (SELECT FROM catalog_bid WHERE variant_id = size_id AND status = 'open' AND buyer_id = who
                      AND expires_at > moment) THEN
            RETURN market_refused('self_trade', 'The only bid is your own; cancel it instead of selling to it.');
        END IF;
        RETURN market_refused('bid_gone', 'Nobody bids for this size any more.');
    ELSIF best.price_cents < seen THEN
        RETURN jsonb_build_object('refused', 'quote_moved', 'seen', seen, 'now', best.price_cents);
    END IF;
    UPDATE catalog_bid SET status = 'filled' WHERE id = best.id;
    RETURN market_settle(size_id, best.id, NULL, best.buyer_id, who, best.price_cents, 'seller', moment, fees);
END
$$;
