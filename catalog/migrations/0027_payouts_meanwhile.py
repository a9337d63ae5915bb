"""Payouts of sales that became complete after the old ones had theirs, and before the database booked them itself."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

# Adds what is missing and nothing else, however often it runs.
SQL = Path(__file__).with_name("sql") / "0020_payouts_of_old_sales.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0026_market_keys")]

    # What a seller earned stays booked.
    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
