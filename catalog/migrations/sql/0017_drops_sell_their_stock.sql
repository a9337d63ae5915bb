-- A product that drops is sold in pieces that are counted: a price of the house's own would go on without end.
UPDATE catalog_product SET house_price_cents = NULL
 WHERE house_price_cents IS NOT NULL AND EXISTS (SELECT FROM catalog_drop WHERE product_id = catalog_product.id);

CREATE FUNCTION catalog_guard_drop_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two branches, because each table has columns of its own.
    IF TG_TABLE_NAME = 'catalog_drop' THEN
        PERFORM FROM catalog_product WHERE id = NEW.product_id AND house_price_cents IS NOT NULL;
    ELSE
        PERFORM FROM catalog_drop WHERE product_id = NEW.id;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'A product that drops sells no more than its stock: it has no house price.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER drop_stock_guarded BEFORE INSERT OR UPDATE OF product_id ON catalog_drop
    FOR EACH ROW EXECUTE FUNCTION catalog_guard_drop_stock();
CREATE TRIGGER drop_stock_guarded BEFORE UPDATE OF house_price_cents ON catalog_product
    FOR EACH ROW WHEN (NEW.house_price_cents IS NOT NULL) EXECUTE FUNCTION catalog_guard_drop_stock();
