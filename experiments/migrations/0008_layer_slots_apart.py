"""Keeps running experiments of one layer apart, and who may take part as it was while a phase is open."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations
from django.db.models import F, Func, Q

FREEZE_ENTRY = """
CREATE FUNCTION experiments_freeze_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.eligibility, NEW.layer_id, NEW.layer_start, NEW.layer_stop)
        IS DISTINCT FROM (OLD.eligibility, OLD.layer_id, OLD.layer_start, OLD.layer_stop)
        AND EXISTS (SELECT FROM experiments_phase WHERE experiment_id = NEW.id AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'Eligibility and layer slots do not change while a phase is open: end the phase first.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_entry_frozen BEFORE UPDATE ON experiments_experiment
    FOR EACH ROW EXECUTE FUNCTION experiments_freeze_entry();
"""
THAW_ENTRY = """
DROP TRIGGER experiments_entry_frozen ON experiments_experiment;
DROP FUNCTION experiments_freeze_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0007_mark_changed_exposures")]

    operations = [
        migrations.AddConstraint(
            model_name="experiment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                name="experiment_layer_slots_apart",
                expressions=[
                    (
                        Func(
                            F("layer_id") * 10_000 + F("layer_start"),
                            F("layer_id") * 10_000 + F("layer_stop"),
                            function="int8range",
                        ),
                        django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(layer_start__isnull=False, status__in=("running", "held", "rolled_back", "completed")),
                violation_error_message="Another running experiment of the layer owns some of these buckets.",
            ),
        ),
        migrations.RunSQL(FREEZE_ENTRY, THAW_ENTRY),
    ]
