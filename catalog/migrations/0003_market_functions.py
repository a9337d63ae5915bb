"""The market's functions: one call carries out a command, whole or not at all."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = ("0003_book.sql", "0003_settling.sql", "0003_matching.sql", "0003_commands.sql")
FUNCTIONS = (
    "withdraw",
    "expire",
    "stock",
    "command",
    "change",
    "sell",
    "buy",
    "ask",
    "bid",
    "house_price",
    "best_bid",
    "best_ask",
    "settle",
    "fee",
    "has_enough",
    "closed",
    "refused",
    "quote",
    "lock",
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0002_bids_orders_and_drops")]

    operations: ClassVar = [
        migrations.RunSQL(
            "\n".join((SQL / name).read_text(encoding="utf-8") for name in FILES),
            "".join(f"DROP FUNCTION market_{name};" for name in FUNCTIONS) + "DROP TYPE market_fees;",
        )
    ]
