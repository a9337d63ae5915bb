-- The market's functions as 0023 had them are those of the files that made them, in their order: see the migration.
DROP FUNCTION market_withdraw, market_expire, market_stock, market_command, market_change, market_sell, market_buy,
    market_ask, market_bid, market_house_price, market_best_bid, market_best_ask, market_settle, market_has_enough,
    market_closed, market_refused, market_quote, market_lock;
DROP TYPE market_fees;

ALTER TABLE catalog_quote RESET (fillfactor);
