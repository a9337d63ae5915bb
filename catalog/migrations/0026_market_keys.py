"""An order looks up no row that it has in hand: what refers to it is kept by who may not be deleted."""

from pathlib import Path
from typing import Any, ClassVar

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQL = Path(__file__).with_name("sql")


def _one(to: str, related_name: str) -> Any:
    return models.OneToOneField(
        to,
        on_delete=django.db.models.deletion.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
        db_constraint=False,
    )


def _unindexed(to: str, related_name: str, **options: Any) -> Any:
    given = {"on_delete": django.db.models.deletion.PROTECT, "db_index": False, "db_constraint": False, **options}
    return models.ForeignKey(to, related_name=related_name, **given)


def _forget_commands_of_nobody(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Without a key, an account that is deleted while it sends a command leaves it behind; a key refuses such rows."""
    accounts = apps.get_model(settings.AUTH_USER_MODEL).objects.values("pk")
    apps.get_model("catalog", "MarketCommand").objects.exclude(account_id__in=accounts).delete()


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("catalog", "0025_market_domains"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AlterField("bid", "variant", _unindexed("catalog.variant", "bids")),
        migrations.AlterField("ask", "variant", _unindexed("catalog.variant", "asks")),
        migrations.AlterField("trade", "variant", _unindexed("catalog.variant", "trades")),
        migrations.AlterField("trade", "bid", _one("catalog.bid", "trade")),
        migrations.AlterField("trade", "ask", _one("catalog.ask", "trade")),
        migrations.AlterField(
            "order",
            "trade",
            models.OneToOneField(
                "catalog.trade",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order",
                db_constraint=False,
            ),
        ),
        migrations.AlterField("order", "buyer", _unindexed(settings.AUTH_USER_MODEL, "orders")),
        migrations.AlterField(
            "order", "seller", _unindexed(settings.AUTH_USER_MODEL, "orders_sold", null=True, blank=True)
        ),
        migrations.AlterField(
            "orderstep",
            "order",
            models.ForeignKey(
                "catalog.order",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                db_constraint=False,
            ),
        ),
        migrations.AlterField(
            "marketcommand",
            "account",
            _unindexed(settings.AUTH_USER_MODEL, "market_commands", on_delete=django.db.models.deletion.CASCADE),
        ),
        migrations.RunPython(migrations.RunPython.noop, _forget_commands_of_nobody),
        migrations.RunSQL(
            (SQL / "0026_market_keys.sql").read_text(encoding="utf-8"),
            (SQL / "0026_undo.sql").read_text(encoding="utf-8"),
        ),
    ]
