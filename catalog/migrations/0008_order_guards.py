"""The database itself keeps amounts, steps and answers as they were, and knows which way an order may go."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0008_order_guards.sql"
UNGUARD = """
DROP TRIGGER payment_guarded ON catalog_payment;
DROP TRIGGER append_only ON catalog_orderstep;
DROP TRIGGER order_step_written ON catalog_order;
DROP TRIGGER order_guarded ON catalog_order;
DROP FUNCTION catalog_guard_payment, catalog_refuse_change, catalog_check_step, catalog_guard_order;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0007_payments_and_movers")]

    operations: ClassVar = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNGUARD)]
