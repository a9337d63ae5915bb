"""A completed order may be refunded, and what its seller is owed follows its status."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0020_payouts")]

    operations: ClassVar = [
        migrations.RunSQL(
            (SQL / "0021_refunds_of_the_completed.sql").read_text(encoding="utf-8"),
            (SQL / "0021_undo.sql").read_text(encoding="utf-8"),
        )
    ]
