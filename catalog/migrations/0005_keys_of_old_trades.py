"""The keys of old trades become commands."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0005_keys_of_old_trades.sql"
BACK = """
UPDATE catalog_trade AS trade SET idempotency_key = command.idempotency_key
  FROM catalog_marketcommand AS command
 WHERE command.account_id = trade.buyer_id AND (command.outcome ->> 'trade')::bigint = trade.id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0004_orders_of_old_trades")]

    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), BACK)]
