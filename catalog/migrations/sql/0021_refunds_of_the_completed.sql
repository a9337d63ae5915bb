-- A completed order may still be refunded; otherwise as before.
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
        ('shipped', 'completed'), ('shipped', 'cancelled'),
        ('completed', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'A % order does not become %.', OLD.status, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

-- What a seller is owed follows from where the order stands, whoever moved it there; the house owes itself nothing.
CREATE FUNCTION catalog_book_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_payout (order_id, seller_id, kind, amount_cents, at)
    SELECT NEW.id, NEW.seller_id, entry.kind, entry.amount_cents, NEW.updated_at
      FROM (VALUES ('completed', 'payout', NEW.payout_cents), ('cancelled', 'reversal', -NEW.payout_cents))
        AS entry (status, kind, amount_cents)
     WHERE entry.status = NEW.status;
    RETURN NULL;
END
$$;
CREATE TRIGGER payout_booked AFTER UPDATE ON catalog_order FOR EACH ROW WHEN (
    OLD.status IS DISTINCT FROM NEW.status AND NEW.seller_id IS NOT NULL
    AND (NEW.status = 'completed' OR OLD.status = 'completed')
) EXECUTE FUNCTION catalog_book_payout();
