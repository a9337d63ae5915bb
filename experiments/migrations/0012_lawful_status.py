"""Refuses what an experiment's life does not allow: illegal statuses, another plan, other variations of a running test."""

from django.db import migrations

GUARD_STATUS = """
CREATE FUNCTION experiments_guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'An experiment begins as a draft, not as %.', NEW.status
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'scheduled'), ('draft', 'running'), ('draft', 'shipped'),
        ('scheduled', 'draft'), ('scheduled', 'running'),
        ('running', 'held'), ('running', 'rolled_back'), ('running', 'completed'),
        ('held', 'running'), ('held', 'rolled_back'), ('held', 'completed'),
        ('rolled_back', 'running'), ('rolled_back', 'completed'), ('rolled_back', 'shipped'), ('rolled_back', 'draft'),
        ('completed', 'shipped'), ('completed', 'draft'),
        ('shipped', 'rolled_back'), ('shipped', 'draft')
    ) THEN
        RAISE EXCEPTION 'An experiment does not go from % to %.', OLD.status, NEW.status
            USING ERRCODE = 'restrict_violation';
    ELSIF NEW.status IN ('running', 'held') AND OLD.status IN ('running', 'held')
        AND (NEW.design, NEW.allocation) IS DISTINCT FROM (OLD.design, OLD.allocation) THEN
        RAISE EXCEPTION 'Design and allocation do not change while an experiment runs: end the phase first.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_status_guarded BEFORE INSERT OR UPDATE ON experiments_experiment
    FOR EACH ROW EXECUTE FUNCTION experiments_guard_status();
"""
FREE_STATUS = """
DROP TRIGGER experiments_status_guarded ON experiments_experiment;
DROP FUNCTION experiments_guard_status();
"""
FREEZE_PLAN = """
CREATE FUNCTION experiments_freeze_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.plan IS DISTINCT FROM OLD.plan THEN
        RAISE EXCEPTION 'A phase keeps the plan that it began with: open another phase.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_plan_frozen BEFORE UPDATE ON experiments_phase
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_plan();
"""
THAW_PLAN = """
DROP TRIGGER experiments_plan_frozen ON experiments_phase;
DROP FUNCTION experiments_freeze_plan();
"""
FREEZE_VARIATIONS = """
CREATE FUNCTION experiments_freeze_variations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.experiment_id, NEW.key, NEW.payload, NEW.is_control, NEW.position)
        IS NOT DISTINCT FROM (OLD.experiment_id, OLD.key, OLD.payload, OLD.is_control, OLD.position) THEN
        RETURN NEW;
    END IF;
    changed := CASE TG_OP WHEN 'INSERT' THEN NEW.experiment_id ELSE OLD.experiment_id END;
    IF EXISTS (SELECT FROM experiments_phase WHERE experiment_id = changed AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'Variations do not change while a phase is open: end the phase first.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER experiments_variation_frozen BEFORE INSERT OR UPDATE OR DELETE ON experiments_variation
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_variations();
"""
THAW_VARIATIONS = """
DROP TRIGGER experiments_variation_frozen ON experiments_variation;
DROP FUNCTION experiments_freeze_variations();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0011_status_from_flags")]

    operations = [
        migrations.RunSQL(GUARD_STATUS, FREE_STATUS),
        migrations.RunSQL(FREEZE_PLAN, THAW_PLAN),
        migrations.RunSQL(FREEZE_VARIATIONS, THAW_VARIATIONS),
    ]
