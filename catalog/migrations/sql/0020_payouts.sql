CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_payout
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_change();
