"""Every index costs each trade: those that no page and no tick asks are gone, and the age of commands takes next to none."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0022_product_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="marketcommand", name="command_age"),
        migrations.RemoveIndex(model_name="trade", name="trade_of_buyer"),
        migrations.RemoveIndex(model_name="trade", name="trade_of_seller"),
        migrations.AlterField(
            model_name="orderstep",
            name="account",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="marketcommand",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["made_at"], name="command_age"),
        ),
    ]
