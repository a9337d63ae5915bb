"""The last sale of a size is the last one that was not cancelled."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0012_status_labels")]

    operations: ClassVar = [
        migrations.RunSQL(
            (SQL / "0013_sales_that_stand.sql").read_text(encoding="utf-8"),
            (SQL / "0013_undo.sql").read_text(encoding="utf-8"),
        )
    ]
