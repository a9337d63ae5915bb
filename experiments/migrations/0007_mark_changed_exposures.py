"""Marks each exposure and link with the transaction that wrote it, so that a snapshot finds what it has not seen.

A time would not do: a transaction that began earlier may commit later, behind a reader that has passed its time.
"""

from django.db import migrations, models

MARK = """
CREATE FUNCTION experiments_mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END
$$;
CREATE TRIGGER experiments_exposure_marked BEFORE INSERT OR UPDATE ON experiments_exposure
    FOR EACH ROW EXECUTE FUNCTION experiments_mark_change();
CREATE TRIGGER experiments_unitlink_marked BEFORE INSERT OR UPDATE ON experiments_unitlink
    FOR EACH ROW EXECUTE FUNCTION experiments_mark_change();
"""
UNMARK = """
DROP TRIGGER experiments_exposure_marked ON experiments_exposure;
DROP TRIGGER experiments_unitlink_marked ON experiments_unitlink;
DROP FUNCTION experiments_mark_change();
"""


class Migration(migrations.Migration):
    dependencies = (("experiments", "0006_metrics_and_snapshots"),)

    operations = (
        migrations.AddField(
            model_name="exposure", name="changed_in", field=models.BigIntegerField(default=0, editable=False)
        ),
        migrations.AddField(
            model_name="unitlink",
            name="changed_in",
            field=models.BigIntegerField(db_index=True, default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name="exposure", index=models.Index(fields=("phase", "changed_in"), name="exposure_by_change")
        ),
        migrations.RunSQL(MARK, UNMARK),
    )
