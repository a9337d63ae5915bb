-- What accounts, the house and the clock do to the books; each of them is one transaction.

-- Edit or cancel somebody's own standing bid or ask.
CREATE FUNCTION market_change(
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
            RETURN market_bid(who, size_id, target, at_price, until, moment, fees);
        END IF;
        RETURN market_ask(who, size_id, target, at_price, until, moment, fees);
    ELSIF is_bid THEN
        UPDATE catalog_bid SET status = 'cancelled' WHERE id = target;
    ELSE
        UPDATE catalog_ask SET status = 'cancelled' WHERE id = target;
    END IF;
    PERFORM market_quote(size_id, moment);
    RETURN jsonb_build_object(CASE WHEN is_bid THEN 'bid' ELSE 'ask' END, target);
END
$$;

-- One command of an account, once a key: its outcome is kept with it, refusals as well.
CREATE FUNCTION market_command(
    kind text, who bigint, key uuid, content bytea, target bigint, at_price integer, until timestamptz,
    moment timestamptz, fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    kept catalog_marketcommand;
    outcome jsonb;
BEGIN
    -- A twin under way is told so and never waited for: whoever waits holds a connection.
    IF NOT pg_try_advisory_xact_lock(hashtextextended(key::text, who)) THEN
        RETURN market_refused('command_in_progress', 'idempotency_key: the same command is under way; ask again.');
    END IF;
    SELECT * INTO kept FROM catalog_marketcommand AS command
     WHERE command.account_id = who AND command.idempotency_key = key;
    IF FOUND THEN
        RETURN CASE WHEN kept.fingerprint = content THEN kept.outcome ELSE market_refused(
            'idempotency_key_reused', 'idempotency_key: belongs to another order; send a new key.') END;
    END IF;
    -- Held against a suspension, which is to find every bid and ask that it has to cancel.
    PERFORM pg_advisory_xact_lock_shared(1836216173, hashint8(who));
    IF kind NOT IN ('cancel_bid', 'cancel_ask')
        AND EXISTS (SELECT FROM catalog_suspension WHERE account_id = who AND ended_at IS NULL)
    THEN
        outcome := market_refused('account_suspended', 'This account may not trade at present.');
    ELSIF kind IN ('edit_bid', 'edit_ask', 'cancel_bid', 'cancel_ask') THEN
        outcome := market_change(kind, who, target, at_price, until, moment, fees);
    ELSE
        outcome := market_closed(target, moment);
        IF outcome IS NULL THEN
            PERFORM market_lock(target);
            outcome := CASE kind
                WHEN 'place_bid' THEN market_bid(who, target, NULL, at_price, until, moment, fees)
                WHEN 'place_ask' THEN market_ask(who, target, NULL, at_price, until, moment, fees)
                WHEN 'buy_now' THEN market_buy(who, target, at_price, moment, fees)
                WHEN 'sell_now' THEN market_sell(who, target, at_price, moment, fees)
            END;
        END IF;
    END IF;
    outcome := outcome || jsonb_build_object('at', moment);
    INSERT INTO catalog_marketcommand (account_id, idempotency_key, kind, fingerprint, outcome, made_at)
    VALUES (who, key, kind, content, outcome, moment);
    RETURN outcome;
END
$$;

-- Put pieces of the house on sale; standing bids at that price or more get theirs at once, at their own price.
CREATE FUNCTION market_stock(
    size_id bigint, n_pieces integer, at_price integer, of_drop bigint, until timestamptz, moment timestamptz,
    fees market_fees
) RETURNS jsonb LANGUAGE plpgsql AS $$
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
                size_id, best.id, of_ask, best.buyer_id, NULL, best.price_cents, 'seller', moment, fees);
            n_left := n_left - 1;
        END IF;
    END LOOP;
    INSERT INTO catalog_ask (variant_id, drop_id, price_cents, status, placed_at, expires_at)
    SELECT size_id, of_drop, at_price, 'open', moment, until FROM generate_series(1, n_left);
    PERFORM market_quote(size_id, moment);
    RETURN jsonb_build_object('n_standing', n_left);
END
$$;

-- Close what ran out in one size's book.
CREATE FUNCTION market_expire(size_id bigint, moment timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n_bids integer;
    n_asks integer;
BEGIN
    PERFORM market_lock(size_id);
    UPDATE catalog_bid SET status = 'expired'
     WHERE variant_id = size_id AND status = 'open' AND expires_at <= moment;
    GET DIAGNOSTICS n_bids = ROW_COUNT;
    UPDATE catalog_ask SET status = 'expired'
     WHERE variant_id = size_id AND status = 'open' AND expires_at <= moment;
    GET DIAGNOSTICS n_asks = ROW_COUNT;
    PERFORM market_quote(size_id, moment);
    RETURN n_bids + n_asks;
END
$$;

-- Cancel all that an account has standing, and let none of its commands pass meanwhile.
CREATE FUNCTION market_withdraw(who bigint, moment timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    size_id bigint;
    n_bids integer;
    n_asks integer;
    n_all integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(1836216173, hashint8(who));
    -- In one order, so that two of these never wait for each other.
    FOR size_id IN
        SELECT variant_id FROM (
            SELECT variant_id FROM catalog_bid WHERE buyer_id = who AND status = 'open'
             UNION SELECT variant_id FROM catalog_ask WHERE seller_id = who AND status = 'open'
        ) AS standing ORDER BY variant_id
    LOOP
        PERFORM market_lock(size_id);
        UPDATE catalog_bid SET status = 'cancelled' WHERE variant_id = size_id AND buyer_id = who AND status = 'open';
        GET DIAGNOSTICS n_bids = ROW_COUNT;
        UPDATE catalog_ask SET status = 'cancelled' WHERE variant_id = size_id AND seller_id = who AND status = 'open';
        GET DIAGNOSTICS n_asks = ROW_COUNT;
        PERFORM market_quote(size_id, moment);
        n_all := n_all + n_bids + n_asks;
    END LOOP;
    RETURN n_all;
END
$$;
