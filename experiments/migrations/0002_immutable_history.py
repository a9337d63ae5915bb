"""Keeps history as it was: a phase's allocation never changes, and a ramp change is never edited or removed."""

from django.db import migrations

FREEZE_PHASE = """
CREATE FUNCTION experiments_freeze_phase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.experiment_id, NEW.number, NEW.salt, NEW.weights_bp, NEW.started_at)
        IS DISTINCT FROM (OLD.experiment_id, OLD.number, OLD.salt, OLD.weights_bp, OLD.started_at) THEN
        RAISE EXCEPTION 'A phase keeps its number, salt, weights and start: open another phase.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'A phase that has ended does not change any more: open another phase.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_phase_frozen BEFORE UPDATE ON experiments_phase
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_phase();
"""
THAW_PHASE = """
DROP TRIGGER experiments_phase_frozen ON experiments_phase;
DROP FUNCTION experiments_freeze_phase();
"""
FREEZE_CHANGES = """
CREATE FUNCTION experiments_freeze_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The record of ramp changes is only ever added to.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER experiments_rampchange_frozen BEFORE UPDATE OR DELETE ON experiments_rampchange
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_changes();
"""
THAW_CHANGES = """
DROP TRIGGER experiments_rampchange_frozen ON experiments_rampchange;
DROP FUNCTION experiments_freeze_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]

    operations = [
        migrations.RunSQL(FREEZE_PHASE, THAW_PHASE),
        migrations.RunSQL(FREEZE_CHANGES, THAW_CHANGES),
    ]
