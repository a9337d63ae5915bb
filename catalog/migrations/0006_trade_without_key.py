"""A trade's key is its command's."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0005_keys_of_old_trades")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="trade", name="trade_once_per_key"),
        migrations.RemoveField(model_name="trade", name="idempotency_key"),
    ]
