"""No product of a drop has a house price, at which it would be sold on when its pieces are gone."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0017_drops_sell_their_stock.sql"
# House prices that were cleared stay so: nobody knows whether they were meant.
UNDO = """
DROP TRIGGER drop_stock_guarded ON catalog_product;
DROP TRIGGER drop_stock_guarded ON catalog_drop;
DROP FUNCTION catalog_guard_drop_stock();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0016_no_likeness_index")]

    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
