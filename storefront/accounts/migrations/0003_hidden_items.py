"""What shoppers hid from their rows."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_account_email"), ("catalog", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="HiddenItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shopper_key", models.CharField(max_length=64)),
                ("hidden_at", models.DateTimeField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hidden_by", to="catalog.product"
                    ),
                ),
            ],
            options={
                "ordering": ["-hidden_at", "-id"],
                "constraints": [models.UniqueConstraint(fields=("shopper_key", "product"), name="hidden_once")],
            },
        ),
    ]
