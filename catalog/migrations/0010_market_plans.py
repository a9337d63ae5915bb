"""The market's functions keep good plans while a new shop's books fill."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0010_market_plans.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0009_product_likeness")]

    # Both versions do the same; going back keeps the faster one.
    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
