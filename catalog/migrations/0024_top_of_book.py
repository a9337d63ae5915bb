"""A quote is the top of its book, so that an order which meets nobody looks no further."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0024_top_of_book.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0023_market_indexes_asked")]

    operations: ClassVar = [
        migrations.AddField("quote", "last_sold_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("quote", "good_until", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
