"""Keeps the salts of layers and holdouts, which would otherwise shuffle every unit of every experiment behind them."""

from django.db import migrations

FREEZE_SALT = """
CREATE FUNCTION experiments_freeze_salt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.salt <> OLD.salt THEN
        RAISE EXCEPTION 'A salt never changes, since it says who is where: make another row.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_layer_salt_frozen BEFORE UPDATE ON experiments_layer
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_salt();
CREATE TRIGGER experiments_holdout_salt_frozen BEFORE UPDATE ON experiments_holdout
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_salt();
"""
THAW_SALT = """
DROP TRIGGER experiments_holdout_salt_frozen ON experiments_holdout;
DROP TRIGGER experiments_layer_salt_frozen ON experiments_layer;
DROP FUNCTION experiments_freeze_salt();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0013_planned_sample")]

    operations = [migrations.RunSQL(FREEZE_SALT, THAW_SALT)]
