"""A quote is written only when it says something else than before."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0014_quotes_that_change.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0013_sales_that_stand")]

    # Both versions tell the same; going back keeps the one that writes less.
    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
