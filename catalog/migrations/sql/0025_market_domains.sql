-- The same rules in another place. PostgreSQL parses and plans all checks of a table again for each statement that writes to
-- it; those of a domain it keeps, and the function of a trigger as well.

CREATE DOMAIN market_cents AS integer CONSTRAINT cents_not_negative CHECK (VALUE >= 0);
CREATE DOMAIN market_price AS integer CONSTRAINT price_positive CHECK (VALUE > 0);
CREATE DOMAIN market_bid_status AS varchar(12)
    CONSTRAINT bid_status_known CHECK (VALUE IN ('open', 'filled', 'cancelled', 'expired'));
CREATE DOMAIN market_ask_status AS varchar(12)
    CONSTRAINT ask_status_known CHECK (VALUE IN ('open', 'sold', 'cancelled', 'expired'));
CREATE DOMAIN market_trade_source AS varchar(12)
    CONSTRAINT trade_source_known CHECK (VALUE IN ('market', 'simulation', 'import'));
CREATE DOMAIN market_order_status AS varchar(12)
    CONSTRAINT order_status_known CHECK (VALUE IN ('matched', 'paid', 'shipped', 'completed', 'cancelled'));

ALTER TABLE catalog_bid
    DROP CONSTRAINT catalog_bid_price_cents_check, DROP CONSTRAINT bid_price_positive, DROP CONSTRAINT bid_status_known,
    ALTER price_cents TYPE market_price, ALTER status TYPE market_bid_status;

ALTER TABLE catalog_ask
    DROP CONSTRAINT catalog_ask_price_cents_check, DROP CONSTRAINT ask_price_positive, DROP CONSTRAINT ask_status_known,
    ALTER price_cents TYPE market_price, ALTER status TYPE market_ask_status;

ALTER TABLE catalog_trade
    DROP CONSTRAINT catalog_trade_price_cents_check, DROP CONSTRAINT trade_price_positive,
    DROP CONSTRAINT trade_source_known, DROP CONSTRAINT trade_of_market_has_buyer,
    DROP CONSTRAINT trade_not_with_oneself,
    ALTER price_cents TYPE market_price, ALTER source TYPE market_trade_source;

-- No column of a trigger's condition changes its type: both are made again as they were.
DROP TRIGGER order_step_written ON catalog_order;
DROP TRIGGER payout_booked ON catalog_order;
ALTER TABLE catalog_order
    DROP CONSTRAINT catalog_order_price_cents_check, DROP CONSTRAINT catalog_order_processing_cents_check,
    DROP CONSTRAINT catalog_order_shipping_cents_check, DROP CONSTRAINT catalog_order_total_cents_check,
    DROP CONSTRAINT catalog_order_fee_cents_check, DROP CONSTRAINT catalog_order_payout_cents_check,
    DROP CONSTRAINT order_status_known, DROP CONSTRAINT order_total_adds_up, DROP CONSTRAINT order_payout_adds_up,
    ALTER price_cents TYPE market_cents, ALTER processing_cents TYPE market_cents,
    ALTER shipping_cents TYPE market_cents, ALTER total_cents TYPE market_cents, ALTER fee_cents TYPE market_cents,
    ALTER payout_cents TYPE market_cents, ALTER status TYPE market_order_status;
CREATE CONSTRAINT TRIGGER order_step_written AFTER UPDATE ON catalog_order DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION catalog_check_step();
CREATE TRIGGER payout_booked AFTER UPDATE ON catalog_order FOR EACH ROW WHEN (
    OLD.status IS DISTINCT FROM NEW.status AND NEW.seller_id IS NOT NULL
    AND (NEW.status = 'completed' OR OLD.status = 'completed')
) EXECUTE FUNCTION catalog_book_payout();

ALTER TABLE catalog_orderstep DROP CONSTRAINT step_by_staff_explained;

ALTER TABLE catalog_quote
    DROP CONSTRAINT catalog_quote_lowest_ask_cents_check, DROP CONSTRAINT catalog_quote_highest_bid_cents_check,
    DROP CONSTRAINT catalog_quote_last_sale_cents_check,
    ALTER lowest_ask_cents TYPE market_cents, ALTER highest_bid_cents TYPE market_cents,
    ALTER last_sale_cents TYPE market_cents;

-- What compares columns of a row; AFTER, so that it sees the row as it was written.
CREATE FUNCTION catalog_check_trade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.buyer_id = NEW.seller_id THEN
        RAISE EXCEPTION 'trade_not_with_oneself: account % buys from itself.', NEW.buyer_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'trade_not_with_oneself';
    ELSIF NEW.source = 'market' AND NEW.buyer_id IS NULL
        OR NEW.source <> 'market' AND num_nonnulls(NEW.ask_id, NEW.bid_id, NEW.buyer_id, NEW.seller_id) > 0
    THEN
        RAISE EXCEPTION 'trade_of_market_has_buyer: only what this market traded has people and orders, and a buyer.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'trade_of_market_has_buyer';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER trade_checked AFTER INSERT OR UPDATE ON catalog_trade
    FOR EACH ROW EXECUTE FUNCTION catalog_check_trade();

-- Only when it is new: `order_guarded` keeps its amounts from then on.
CREATE FUNCTION catalog_check_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.total_cents <> NEW.price_cents + NEW.processing_cents + NEW.shipping_cents THEN
        RAISE EXCEPTION 'order_total_adds_up: % is not price, processing and shipping.', NEW.total_cents
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_total_adds_up';
    ELSIF NEW.price_cents <> NEW.payout_cents + NEW.fee_cents THEN
        RAISE EXCEPTION 'order_payout_adds_up: % is not payout and fee.', NEW.price_cents
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_payout_adds_up';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER order_checked AFTER INSERT ON catalog_order FOR EACH ROW EXECUTE FUNCTION catalog_check_order();

-- Only when it is new: steps are append-only.
CREATE FUNCTION catalog_check_who_stepped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."by" = 'staff' AND (NEW.account_id IS NULL OR NEW.reason = '') THEN
        RAISE EXCEPTION 'step_by_staff_explained: a step by the staff says who it was, and why.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'step_by_staff_explained';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER step_checked AFTER INSERT ON catalog_orderstep
    FOR EACH ROW EXECUTE FUNCTION catalog_check_who_stepped();
