-- A quote is the top of its book: an order that cannot meet the other side's best price has no need to look any further.

-- Quotes move all the time, and their row stays where it is.
ALTER TABLE catalog_quote SET (fillfactor = 50);

UPDATE catalog_quote AS quote SET last_sold_at = (
    SELECT traded_at FROM catalog_trade AS trade
     WHERE variant_id = quote.variant_id
       AND (SELECT status FROM catalog_order WHERE trade_id = trade.id) IS DISTINCT FROM 'cancelled'
     ORDER BY traded_at DESC, id DESC LIMIT 1)
 WHERE last_sale_cents IS NOT NULL;

-- Look at a whole book and write what it says at that moment, for what has no cheaper way of knowing. Where that is what the
-- quote said before, `updated_at` stays the moment since which it has said so.
CREATE OR REPLACE FUNCTION market_quote(size_id bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lowest record;
    highest record;
    last_sale record;
    is_good_until timestamptz;
BEGIN
    SELECT price_cents, expires_at INTO lowest FROM catalog_ask
     WHERE variant_id = size_id AND status = 'open' AND (expires_at IS NULL OR expires_at > moment)
     ORDER BY price_cents, placed_at, id LIMIT 1;
    SELECT price_cents, expires_at INTO highest FROM catalog_bid
     WHERE variant_id = size_id AND status = 'open' AND expires_at > moment
     ORDER BY price_cents DESC, placed_at, id LIMIT 1;
    -- Not a join, whose plan a session would keep from when there were no orders: one look at a unique index.
    SELECT price_cents, traded_at INTO last_sale FROM catalog_trade AS trade
     WHERE variant_id = size_id
       AND (SELECT status FROM catalog_order WHERE trade_id = trade.id) IS DISTINCT FROM 'cancelled'
     ORDER BY traded_at DESC, id DESC LIMIT 1;
    is_good_until := least(lowest.expires_at, highest.expires_at, moment + interval '1 day');
    UPDATE catalog_quote SET
        lowest_ask_cents = lowest.price_cents, highest_bid_cents = highest.price_cents,
        last_sale_cents = last_sale.price_cents, last_sold_at = last_sale.traded_at, good_until = is_good_until,
        updated_at = CASE
            WHEN (lowest_ask_cents, highest_bid_cents, last_sale_cents)
                IS DISTINCT FROM (lowest.price_cents, highest.price_cents, last_sale.price_cents) THEN moment
            ELSE updated_at END
     WHERE variant_id = size_id;
    IF NOT FOUND THEN
        INSERT INTO catalog_quote (
            variant_id, lowest_ask_cents, highest_bid_cents, last_sale_cents, last_sold_at, good_until, updated_at)
        VALUES (size_id, lowest.price_cents, highest.price_cents, last_sale.price_cents, last_sale.traded_at,
                is_good_until, moment)
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- What expires a book brings its quote up to date: nobody needs a second way.
DROP FUNCTION market_requote;

-- Whether an account has all the pieces of a drop that one account may have; holds that count until the end.
CREATE OR REPLACE FUNCTION market_has_enough(who bigint, of_drop bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1836216172, hashtext(who || ' ' || of_drop));
    RETURN (
        SELECT count(*) FROM catalog_order AS placed
          JOIN catalog_trade AS trade ON trade.id = placed.trade_id
          JOIN catalog_ask AS ask ON ask.id = trade.ask_id
         WHERE placed.buyer_id = who AND ask.drop_id = of_drop AND placed.status <> 'cancelled'
    ) >= (SELECT limit_per_account FROM catalog_drop WHERE id = of_drop);
END
$$;

DROP FUNCTION market_settle, market_bid, market_ask, market_buy, market_sell;

-- Write the trade of a bid and an ask, or of one of them with somebody who takes it at once, or of the house.
CREATE FUNCTION market_settle(
    size_id bigint, of_bid bigint, of_ask bigint, buyer bigint, seller bigint, price integer, taker text,
    until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    processing integer := greatest(round(price * fees.processing_share)::integer, fees.processing_min_cents);
    fee integer := least(greatest(round(price * fees.seller_share)::integer, fees.seller_min_cents), price);
    of_trade bigint;
    of_order bigint;
    lowest integer;
    highest integer;
    ask_until timestamptz;
    bid_until timestamptz;
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
    SELECT price_cents, expires_at INTO lowest, ask_until FROM catalog_ask
     WHERE variant_id = size_id AND status = 'open' AND (expires_at IS NULL OR expires_at > moment)
     ORDER BY price_cents, placed_at, id LIMIT 1;
    SELECT price_cents, expires_at INTO highest, bid_until FROM catalog_bid
     WHERE variant_id = size_id AND status = 'open' AND expires_at > moment
     ORDER BY price_cents DESC, placed_at, id LIMIT 1;
    UPDATE catalog_quote SET
        lowest_ask_cents = lowest, highest_bid_cents = highest,
        -- Whoever came earlier may get the lock later: the last sale is the last by its own time.
        last_sale_cents = CASE WHEN last_sold_at > moment THEN last_sale_cents ELSE price END,
        last_sold_at = greatest(last_sold_at, moment),
        good_until = least(ask_until, bid_until, moment + interval '1 day'),
        updated_at = moment
     WHERE variant_id = size_id;
    IF NOT FOUND THEN
        PERFORM market_quote(size_id, moment);
    END IF;
    RETURN jsonb_build_object('bid', of_bid, 'ask', of_ask, 'trade', of_trade, 'order', of_order, 'price', price,
        'until', until, 'at', moment);
END
$$;
DROP FUNCTION market_fee;

-- Place a bid, or give the standing one `edited` another price and expiry.
CREATE FUNCTION market_bid(
    who bigint, size_id bigint, edited bigint, at_price integer, house_price integer, until timestamptz,
    moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    lowest integer;
    highest integer;
    is_good boolean;
    best catalog_ask;
    price integer;
    is_met boolean := false;
    of_bid bigint := edited;
BEGIN
    LOOP
        SELECT lowest_ask_cents, highest_bid_cents, good_until > moment INTO lowest, highest, is_good
          FROM catalog_quote WHERE variant_id = size_id;
        EXIT WHEN is_good;
        PERFORM market_quote(size_id, moment);
    END LOOP;
    IF at_price >= lowest OR at_price >= house_price THEN
        best := market_best_ask(size_id, who, moment);
        price := CASE WHEN best.id IS NULL THEN house_price ELSE best.price_cents END;
        is_met := coalesce(price <= at_price, false);
        IF is_met AND best.drop_id IS NOT NULL AND market_has_enough(who, best.drop_id) THEN
            RETURN market_refused('limit_reached', 'You have all the pieces of this drop that one account may have.');
        ELSIF NOT is_met AND at_price >= lowest THEN
            -- As low is an ask only of the buyer's own.
            RETURN market_refused('self_trade', 'The only ask at that price is your own; cancel it or bid less.');
        END IF;
    END IF;
    IF edited IS NULL THEN
        INSERT INTO catalog_bid (variant_id, buyer_id, price_cents, status, placed_at, expires_at)
        VALUES (size_id, who, at_price, CASE WHEN is_met THEN 'filled' ELSE 'open' END, moment, until)
        RETURNING id INTO of_bid;
    ELSE
        UPDATE catalog_bid SET
            price_cents = at_price,
            status = CASE WHEN is_met THEN 'filled' ELSE 'open' END,
            placed_at = CASE WHEN price_cents = at_price THEN placed_at ELSE moment END,
            expires_at = until
         WHERE id = edited;
    END IF;
    IF is_met THEN
        UPDATE catalog_ask SET status = 'sold' WHERE id = best.id;
        RETURN market_settle(size_id, of_bid, best.id, who, best.seller_id, price, 'buyer', until, moment, fees);
    ELSIF edited IS NOT NULL THEN
        PERFORM market_quote(size_id, moment);
    ELSIF highest IS NULL OR at_price > highest THEN
        UPDATE catalog_quote SET
            highest_bid_cents = at_price, good_until = least(good_until, until), updated_at = moment
         WHERE variant_id = size_id;
    END IF;
    RETURN jsonb_build_object('bid', of_bid, 'price', at_price, 'until', until, 'at', moment);
END
$$;

-- Place an ask, or give the standing one `edited` another price and expiry.
CREATE FUNCTION market_ask(
    who bigint, size_id bigint, edited bigint, at_price integer, until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    lowest integer;
    highest integer;
    is_good boolean;
    best catalog_bid;
    is_met boolean := false;
    of_ask bigint := edited;
BEGIN
    LOOP
        SELECT lowest_ask_cents, highest_bid_cents, good_until > moment INTO lowest, highest, is_good
          FROM catalog_quote WHERE variant_id = size_id;
        EXIT WHEN is_good;
        PERFORM market_quote(size_id, moment);
    END LOOP;
    IF at_price <= highest THEN
        best := market_best_bid(size_id, who, moment);
        is_met := coalesce(best.price_cents >= at_price, false);
        IF NOT is_met THEN
            -- As high is a bid only of the seller's own.
            RETURN market_refused('self_trade', 'The only bid at that price is your own; cancel it or ask more.');
        END IF;
    END IF;
    IF edited IS NULL THEN
        INSERT INTO catalog_ask (variant_id, seller_id, price_cents, status, placed_at, expires_at)
        VALUES (size_id, who, at_price, CASE WHEN is_met THEN 'sold' ELSE 'open' END, moment, until)
        RETURNING id INTO of_ask;
    ELSE
        UPDATE catalog_ask SET
            price_cents = at_price,
            status = CASE WHEN is_met THEN 'sold' ELSE 'open' END,
            placed_at = CASE WHEN price_cents = at_price THEN placed_at ELSE moment END,
            expires_at = until
         WHERE id = edited;
    END IF;
    IF is_met THEN
        UPDATE catalog_bid SET status = 'filled' WHERE id = best.id;
        RETURN market_settle(
            size_id, best.id, of_ask, best.buyer_id, who, best.price_cents, 'seller', until, moment, fees);
    ELSIF edited IS NOT NULL THEN
        PERFORM market_quote(size_id, moment);
    ELSIF lowest IS NULL OR at_price < lowest THEN
        UPDATE catalog_quote SET
            lowest_ask_cents = at_price, good_until = least(good_until, until), updated_at = moment
         WHERE variant_id = size_id;
    END IF;
    RETURN jsonb_build_object('ask', of_ask, 'price', at_price, 'until', until, 'at', moment);
END
$$;

-- Buy one piece at the best price there is, if it is no worse than the one that the buyer saw.
CREATE FUNCTION market_buy(
    who bigint, size_id bigint, seen integer, house_price integer, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    best catalog_ask := market_best_ask(size_id, who, moment);
    price integer := CASE WHEN best.id IS NULL THEN house_price ELSE best.price_cents END;
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
    IF best.id IS NOT NULL THEN
        UPDATE catalog_ask SET status = 'sold' WHERE id = best.id;
    END IF;
    RETURN market_settle(size_id, NULL, best.id, who, best.seller_id, price, 'buyer', NULL, moment, fees);
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
    RETURN market_settle(size_id, best.id, NULL, best.buyer_id, who, best.price_cents, 'seller', NULL, moment, fees);
END
$$;

-- Edit or cancel somebody's own standing bid or ask.
CREATE OR REPLACE FUNCTION market_change(
    kind text, who bigint, target bigint, at_price integer, until timestamptz, moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    is_bid boolean := kind IN ('edit_bid', 'cancel_bid');
    size_id bigint;
    is_open boolean;
    closed jsonb;
BEGIN
    IF is_bid THEN
        SELECT variant_id INTO size_id FROM catalog_bid WHERE id = target AND buyer_id = who;
    ELSE
        SELECT variant_id INTO size_id FROM catalog_ask WHERE id = target AND seller_id = who;
    END IF;
    IF size_id IS NULL THEN
        RETURN market_refused('order_rejected', format(
            '%s_id == %s: you have no such %1$s; choose one of your own.', CASE WHEN is_bid THEN 'bid' ELSE 'ask' END, target));
    END IF;
    PERFORM market_lock(size_id);
    IF is_bid THEN
        SELECT status = 'open' AND expires_at > moment INTO is_open FROM catalog_bid WHERE id = target;
    ELSE
        SELECT status = 'open' AND (expires_at IS NULL OR expires_at > moment) INTO is_open
          FROM catalog_ask WHERE id = target;
    END IF;
    IF NOT is_open THEN
        RETURN market_refused('order_closed', 'It is no longer open: it was met, cancelled, or ran out.');
    ELSIF kind IN ('edit_bid', 'edit_ask') THEN
        closed := market_closed(size_id, moment);
        IF closed IS NOT NULL THEN
            RETURN closed;
        ELSIF is_bid THEN
            RETURN market_bid(who, size_id, target, at_price, market_house_price(size_id), until, moment, fees);
        END IF;
        RETURN market_ask(who, size_id, target, at_price, until, moment, fees);
    ELSIF is_bid THEN
        UPDATE catalog_bid SET status = 'cancelled' WHERE id = target;
    ELSE
        UPDATE catalog_ask SET status = 'cancelled' WHERE id = target;
    END IF;
    PERFORM market_quote(size_id, moment);
    RETURN jsonb_build_object(CASE WHEN is_bid THEN 'bid' ELSE 'ask' END, target, 'at', moment);
END
$$;

-- One command of an account, once a key: its outcome is kept with it, refusals as well. What needs no row of a table is
-- written as an assignment, which costs a tenth of a PERFORM.
CREATE OR REPLACE FUNCTION market_command(
    kind text, who bigint, key uuid, content bytea, target bigint, at_price integer, until timestamptz,
    moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    held boolean;
    is_same boolean;
    is_open boolean;
    house_price integer;
    outcome jsonb;
BEGIN
    -- A twin under way is told so and never waited for: whoever waits holds a connection.
    IF NOT pg_try_advisory_xact_lock(hashtextextended(key::text, who)) THEN
        RETURN market_refused('command_in_progress', 'idempotency_key: the same command is under way; ask again.');
    END IF;
    SELECT command.fingerprint = content, command.outcome INTO is_same, outcome FROM catalog_marketcommand AS command
     WHERE command.account_id = who AND command.idempotency_key = key;
    IF FOUND THEN
        RETURN CASE WHEN is_same THEN outcome ELSE market_refused(
            'idempotency_key_reused', 'idempotency_key: belongs to another order; send a new key.') END;
    END IF;
    -- Held against a suspension, which is to find every bid and ask that it has to cancel.
    held := pg_advisory_xact_lock_shared(1836216173, hashint8(who)) IS NULL;
    IF kind NOT IN ('cancel_bid', 'cancel_ask')
        AND EXISTS (SELECT FROM catalog_suspension WHERE account_id = who AND ended_at IS NULL)
    THEN
        outcome := market_refused('account_suspended', 'This account may not trade at present.');
    ELSIF kind IN ('edit_bid', 'edit_ask', 'cancel_bid', 'cancel_ask') THEN
        outcome := market_change(kind, who, target, at_price, until, moment, fees);
    ELSE
        held := market_lock(target) IS NULL;
        SELECT product.is_listed
               AND NOT coalesce(sale.opens_at > moment, product.released_on > (moment AT TIME ZONE 'UTC')::date, false),
               product.house_price_cents
          INTO is_open, house_price
          FROM catalog_variant AS variant
          JOIN catalog_product AS product ON product.id = variant.product_id
          LEFT JOIN catalog_drop AS sale ON sale.product_id = product.id
         WHERE variant.id = target;
        IF is_open THEN
            outcome := CASE kind
                WHEN 'place_bid' THEN market_bid(who, target, NULL, at_price, house_price, until, moment, fees)
                WHEN 'place_ask' THEN market_ask(who, target, NULL, at_price, until, moment, fees)
                WHEN 'buy_now' THEN market_buy(who, target, at_price, house_price, moment, fees)
                WHEN 'sell_now' THEN market_sell(who, target, at_price, moment, fees)
            END;
        ELSE
            outcome := market_closed(target, moment);
        END IF;
    END IF;
    IF outcome ? 'refused' THEN
        outcome := outcome || jsonb_build_object('at', moment);
    END IF;
    INSERT INTO catalog_marketcommand (account_id, idempotency_key, kind, fingerprint, outcome, made_at)
    VALUES (who, key, kind, content, outcome, moment);
    RETURN outcome;
END
$$;

-- Put pieces of the house on sale; standing bids at that price or more get theirs at once, at their own price.
CREATE OR REPLACE FUNCTION market_stock(
    size_id bigint, n_pieces integer, at_price integer, of_drop bigint, until timestamptz, moment timestamptz,
    fees market_fees
) RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    n_left integer := n_pieces;
    best catalog_bid;
    of_ask bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM catalog_variant WHERE id = size_id) THEN
        RETURN market_refused('order_rejected', format('variant_id == %s: there is no such size.', size_id));
    END IF;
    PERFORM market_lock(size_id);
    LOOP
        best := market_best_bid(size_id, NULL, moment);
        EXIT WHEN n_left = 0 OR best.id IS NULL OR best.price_cents < at_price;
        IF market_closed(size_id, moment) IS NOT NULL THEN
            RETURN market_refused('order_rejected', format(
                'variant_id == %s: bids of %s or more stand in its book; announce a drop before its book opens, or for more.',
                size_id, at_price));
        ELSIF of_drop IS NOT NULL AND market_has_enough(best.buyer_id, of_drop) THEN
            -- It can buy no piece of the drop, and left standing it would cross the book.
            UPDATE catalog_bid SET status = 'cancelled' WHERE id = best.id;
        ELSE
            INSERT INTO catalog_ask (variant_id, drop_id, price_cents, status, placed_at, expires_at)
            VALUES (size_id, of_drop, at_price, 'sold', moment, until)
            RETURNING id INTO of_ask;
            UPDATE catalog_bid SET status = 'filled' WHERE id = best.id;
            PERFORM market_settle(
                size_id, best.id, of_ask, best.buyer_id, NULL, best.price_cents, 'seller', NULL, moment, fees);
            n_left := n_left - 1;
        END IF;
    END LOOP;
    INSERT INTO catalog_ask (variant_id, drop_id, price_cents, status, placed_at, expires_at)
    SELECT size_id, of_drop, at_price, 'open', moment, until FROM generate_series(1, n_left);
    PERFORM market_quote(size_id, moment);
    RETURN jsonb_build_object('n_standing', n_left);
END
$$;
