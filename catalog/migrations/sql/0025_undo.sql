-- The same rules as checks of the tables, under the names that they had.

DROP TRIGGER step_checked ON catalog_orderstep;
DROP TRIGGER order_checked ON catalog_order;
DROP TRIGGER trade_checked ON catalog_trade;
DROP FUNCTION catalog_check_who_stepped, catalog_check_order, catalog_check_trade;

ALTER TABLE catalog_quote
    ALTER lowest_ask_cents TYPE integer, ALTER highest_bid_cents TYPE integer, ALTER last_sale_cents TYPE integer,
    ADD CONSTRAINT catalog_quote_lowest_ask_cents_check CHECK (lowest_ask_cents >= 0),
    ADD CONSTRAINT catalog_quote_highest_bid_cents_check CHECK (highest_bid_cents >= 0),
    ADD CONSTRAINT catalog_quote_last_sale_cents_check CHECK (last_sale_cents >= 0);

ALTER TABLE catalog_orderstep ADD CONSTRAINT step_by_staff_explained
    CHECK (NOT "by" = 'staff' OR (account_id IS NOT NULL AND NOT reason = ''));

-- No column of a trigger's condition changes its type: both are made again as they were. So is the index, whose condition
-- would keep a cast.
DROP TRIGGER order_step_written ON catalog_order;
DROP TRIGGER payout_booked ON catalog_order;
DROP INDEX order_under_way;
ALTER TABLE catalog_order
    ALTER price_cents TYPE integer, ALTER processing_cents TYPE integer, ALTER shipping_cents TYPE integer,
    ALTER total_cents TYPE integer, ALTER fee_cents TYPE integer, ALTER payout_cents TYPE integer,
    ALTER status TYPE varchar(12),
    ADD CONSTRAINT catalog_order_price_cents_check CHECK (price_cents >= 0),
    ADD CONSTRAINT catalog_order_processing_cents_check CHECK (processing_cents >= 0),
    ADD CONSTRAINT catalog_order_shipping_cents_check CHECK (shipping_cents >= 0),
    ADD CONSTRAINT catalog_order_total_cents_check CHECK (total_cents >= 0),
    ADD CONSTRAINT catalog_order_fee_cents_check CHECK (fee_cents >= 0),
    ADD CONSTRAINT catalog_order_payout_cents_check CHECK (payout_cents >= 0),
    ADD CONSTRAINT order_status_known CHECK (status IN ('matched', 'paid', 'shipped', 'completed', 'cancelled')),
    ADD CONSTRAINT order_total_adds_up CHECK (total_cents = price_cents + processing_cents + shipping_cents),
    ADD CONSTRAINT order_payout_adds_up CHECK (price_cents = payout_cents + fee_cents);
CREATE INDEX order_under_way ON catalog_order (status, updated_at) WHERE NOT status IN ('completed', 'cancelled');
CREATE CONSTRAINT TRIGGER order_step_written AFTER UPDATE ON catalog_order DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION catalog_check_step();
CREATE TRIGGER payout_booked AFTER UPDATE ON catalog_order FOR EACH ROW WHEN (
    OLD.status IS DISTINCT FROM NEW.status AND NEW.seller_id IS NOT NULL
    AND (NEW.status = 'completed' OR OLD.status = 'completed')
) EXECUTE FUNCTION catalog_book_payout();

ALTER TABLE catalog_trade
    ALTER price_cents TYPE integer, ALTER source TYPE varchar(12),
    ADD CONSTRAINT catalog_trade_price_cents_check CHECK (price_cents >= 0),
    ADD CONSTRAINT trade_price_positive CHECK (price_cents > 0),
    ADD CONSTRAINT trade_source_known CHECK (source IN ('market', 'simulation', 'import')),
    ADD CONSTRAINT trade_of_market_has_buyer CHECK (
        (buyer_id IS NOT NULL AND source = 'market')
        OR (NOT source = 'market' AND ask_id IS NULL AND bid_id IS NULL AND buyer_id IS NULL AND seller_id IS NULL)),
    ADD CONSTRAINT trade_not_with_oneself CHECK (
        buyer_id IS NULL OR seller_id IS NULL
        OR NOT (buyer_id = seller_id AND buyer_id IS NOT NULL AND seller_id IS NOT NULL));

ALTER TABLE catalog_ask
    ALTER price_cents TYPE integer, ALTER status TYPE varchar(12),
    ADD CONSTRAINT catalog_ask_price_cents_check CHECK (price_cents >= 0),
    ADD CONSTRAINT ask_price_positive CHECK (price_cents > 0),
    ADD CONSTRAINT ask_status_known CHECK (status IN ('open', 'sold', 'cancelled', 'expired'));

ALTER TABLE catalog_bid
    ALTER price_cents TYPE integer, ALTER status TYPE varchar(12),
    ADD CONSTRAINT catalog_bid_price_cents_check CHECK (price_cents >= 0),
    ADD CONSTRAINT bid_price_positive CHECK (price_cents > 0),
    ADD CONSTRAINT bid_status_known CHECK (status IN ('open', 'filled', 'cancelled', 'expired'));

DROP DOMAIN market_order_status, market_trade_source, market_ask_status, market_bid_status, market_price, market_cents;
