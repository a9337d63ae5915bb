"""Declined payments are few, and found without reading all others."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0014_quotes_that_change")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("status", "declined")), fields=["kind", "order"], name="payment_declined"
            ),
        ),
    ]
