"""A quote is the top of its book, so that an order which meets nobody looks no further."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

SQL = Path(__file__).with_name("sql")
# The way back: all of the market's functions go, and are made again by what made them.
MADE_BY = (
    "0003_book.sql",
    "0003_settling.sql",
    "0003_matching.sql",
    "0003_commands.sql",
    "0010_market_plans.sql",
    "0013_sales_that_stand.sql",
    "0014_quotes_that_change.sql",
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0023_market_indexes_asked")]

    operations: ClassVar = [
        migrations.AddField("quote", "last_sold_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("quote", "good_until", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(
            (SQL / "0024_top_of_book.sql").read_text(encoding="utf-8"),
            "\n".join((SQL / name).read_text(encoding="utf-8") for name in ("0024_undo.sql", *MADE_BY)),
        ),
    ]
