DROP TRIGGER payout_booked ON catalog_order;
DROP FUNCTION catalog_book_payout();
CREATE OR REPLACE FUNCTION catalog_guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'An order is never deleted: cancel it.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.trade_id, NEW.buyer_id, NEW.seller_id, NEW.price_cents, NEW.processing_cents, NEW.shipping_cents,
        NEW.total_cents, NEW.fee_cents, NEW.payout_cents, NEW.placed_at)
        IS DISTINCT FROM
       (OLD.id, OLD.trade_id, OLD.buyer_id, OLD.seller_id, OLD.price_cents, OLD.processing_cents, OLD.shipping_cents,
        OLD.total_cents, OLD.fee_cents, OLD.payout_cents, OLD.placed_at)
    THEN
        RAISE EXCEPTION 'An order keeps its trade, its parties and its amounts.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('matched', 'paid'), ('matched', 'cancelled'),
        ('paid', 'shipped'), ('paid', 'cancelled'),
        ('shipped', 'completed'), ('shipped', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'A % order does not become %.', OLD.status, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
