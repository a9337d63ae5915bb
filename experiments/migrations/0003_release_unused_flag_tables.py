"""Cuts waffle's own flag tables loose: it creates them though its flag model is swapped, and they stay empty.

Their foreign keys would keep the accounts' and groups' tables from being truncated without them.
"""

from django.conf import settings
from django.db import migrations

RELEASE = """
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT conrelid::regclass AS holder, conname FROM pg_constraint
        WHERE contype = 'f' AND conrelid IN (to_regclass('waffle_flag_users'), to_regclass('waffle_flag_groups'))
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', held.holder, held.conname);
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0002_immutable_history"),
        ("waffle", "0004_update_everyone_nullbooleanfield"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    # Not put back in reverse: nothing reads or writes those tables.
    operations = [migrations.RunSQL(RELEASE, migrations.RunSQL.noop)]
