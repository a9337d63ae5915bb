"""Trades from before there were orders get one."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0004_orders_of_old_trades.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0003_market_functions")]

    # Going back leaves the orders: nothing reads them there, and going forth again makes none twice.
    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
