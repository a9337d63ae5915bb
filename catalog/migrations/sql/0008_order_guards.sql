-- An order's amounts and parties are fixed, its status follows the table of transitions, and no change goes untold.
CREATE FUNCTION catalog_guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER order_guarded BEFORE UPDATE OR DELETE ON catalog_order
    FOR EACH ROW EXECUTE FUNCTION catalog_guard_order();

-- Looked at when the transaction ends, so that change and step may be written in either order.
CREATE FUNCTION catalog_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM catalog_orderstep
         WHERE order_id = NEW.id AND from_status = OLD.status AND to_status = NEW.status
    ) THEN
        RAISE EXCEPTION 'Order % became % without a step that says so.', NEW.id, NEW.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER order_step_written AFTER UPDATE ON catalog_order DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION catalog_check_step();

CREATE FUNCTION catalog_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_orderstep
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_change();

-- What was asked stays as it was asked, and an answer stays the answer.
CREATE FUNCTION catalog_guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A payment request is never deleted.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> 'asked' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'A payment request that was answered does not change.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.order_id, NEW.kind, NEW.amount_cents, NEW.idempotency_key, NEW.token, NEW.asked_at)
        IS DISTINCT FROM
       (OLD.id, OLD.order_id, OLD.kind, OLD.amount_cents, OLD.idempotency_key, OLD.token, OLD.asked_at)
    THEN
        RAISE EXCEPTION 'A payment request keeps what was asked.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payment_guarded BEFORE UPDATE OR DELETE ON catalog_payment
    FOR EACH ROW EXECUTE FUNCTION catalog_guard_payment();
