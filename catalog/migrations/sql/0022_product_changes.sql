-- Which products changed in what others are told of them. The database notes it, so that no way of writing a product can
-- forget it: an admin's form, a drop, an import's COPY, a bulk update. A row by its number, not by time: the world's clock
-- is not the database's. Rows are only ever added here and deleted by whoever passed them on, so that no two writers meet.
CREATE FUNCTION catalog_note_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_productchange (sku) SELECT sku FROM after_it ORDER BY id;
    RETURN NULL;
END
$$;

CREATE FUNCTION catalog_note_changed_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_productchange (sku)
    SELECT product.sku FROM after_it AS product JOIN before_it AS prior ON prior.id = product.id
     WHERE (product.sku, product.is_listed, product.released_on, product.category_id, product.brand_id,
            product.retail_price_cents, product.house_price_cents, product.attributes -> 'excluded')
           IS DISTINCT FROM
           (prior.sku, prior.is_listed, prior.released_on, prior.category_id, prior.brand_id,
            prior.retail_price_cents, prior.house_price_cents, prior.attributes -> 'excluded')
     ORDER BY product.id;
    RETURN NULL;
END
$$;

CREATE FUNCTION catalog_note_dropped_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_productchange (sku) SELECT sku FROM catalog_product WHERE id = NEW.product_id;
    RETURN NULL;
END
$$;

-- Category and brand by the name of the column that leads to them.
CREATE FUNCTION catalog_note_named_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_productchange (sku)
    SELECT sku FROM catalog_product
     WHERE CASE TG_ARGV[0] WHEN 'brand' THEN brand_id ELSE category_id END = NEW.id
     ORDER BY id;
    RETURN NULL;
END
$$;

CREATE TRIGGER product_added AFTER INSERT ON catalog_product
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_products();
CREATE TRIGGER product_changed AFTER UPDATE ON catalog_product
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_changed_products();
CREATE TRIGGER drop_announced AFTER INSERT ON catalog_drop
    FOR EACH ROW EXECUTE FUNCTION catalog_note_dropped_product();
CREATE TRIGGER drop_moved AFTER UPDATE OF opens_at ON catalog_drop
    FOR EACH ROW WHEN (OLD.opens_at IS DISTINCT FROM NEW.opens_at) EXECUTE FUNCTION catalog_note_dropped_product();
CREATE TRIGGER brand_renamed AFTER UPDATE OF name ON catalog_brand
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_note_named_products('brand');
CREATE TRIGGER category_renamed AFTER UPDATE OF name ON catalog_category
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_note_named_products('category');
