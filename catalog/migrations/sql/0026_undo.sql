DROP TRIGGER variant_guarded ON catalog_variant;
DROP TRIGGER traded_stays ON catalog_trade;
DROP TRIGGER traded_stays ON catalog_ask;
DROP TRIGGER traded_stays ON catalog_bid;
DROP FUNCTION catalog_guard_variant, catalog_refuse_delete;
