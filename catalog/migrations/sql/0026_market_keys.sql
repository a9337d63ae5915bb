-- A foreign key looks its row up and locks it, once for each row that refers to it. The
-- market's functions have just read or written these rows, under the lock of their book; what remains of the keys is that
-- nobody deletes what others refer to. Accounts keep theirs, in bids, asks and trades.

CREATE FUNCTION catalog_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was traded is never deleted, nor is its trade: %.', OLD.id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER traded_stays BEFORE DELETE ON catalog_bid
    FOR EACH ROW WHEN (OLD.status = 'filled') EXECUTE FUNCTION catalog_refuse_delete();
CREATE TRIGGER traded_stays BEFORE DELETE ON catalog_ask
    FOR EACH ROW WHEN (OLD.status = 'sold') EXECUTE FUNCTION catalog_refuse_delete();
CREATE TRIGGER traded_stays BEFORE DELETE ON catalog_trade
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_delete();

-- Under the lock of its book: an order that is under way has written its rows then, and one that waits finds no such size.
CREATE FUNCTION catalog_guard_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM market_lock(OLD.id);
    IF EXISTS (SELECT FROM catalog_bid WHERE variant_id = OLD.id)
        OR EXISTS (SELECT FROM catalog_ask WHERE variant_id = OLD.id)
        OR EXISTS (SELECT FROM catalog_trade WHERE variant_id = OLD.id)
    THEN
        RAISE EXCEPTION 'Size % was bid for, offered or traded: it stays.', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER variant_guarded BEFORE DELETE ON catalog_variant
    FOR EACH ROW EXECUTE FUNCTION catalog_guard_variant();
