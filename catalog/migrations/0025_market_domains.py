"""What rows must be is checked by domains and triggers: a table's checks are read anew by every statement."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql")
MOVED = {
    "bid": ("bid_price_positive", "bid_status_known"),
    "ask": ("ask_price_positive", "ask_status_known"),
    "trade": (
        "trade_price_positive",
        "trade_source_known",
        "trade_of_market_has_buyer",
        "trade_not_with_oneself",
    ),
    "order": ("order_total_adds_up", "order_payout_adds_up", "order_status_known"),
    "orderstep": ("step_by_staff_explained",),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0024_top_of_book")]

    operations: ClassVar = [
        migrations.RunSQL(
            (SQL / "0025_market_domains.sql").read_text(encoding="utf-8"),
            (SQL / "0025_undo.sql").read_text(encoding="utf-8"),
            state_operations=[
                migrations.RemoveConstraint(model, name) for model, names in MOVED.items() for name in names
            ],
        )
    ]
