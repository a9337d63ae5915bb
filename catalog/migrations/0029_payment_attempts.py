"""What people call `n_tries`."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0028_payment_tried_at")]

    operations: ClassVar = [
        migrations.AlterField(
            "payment", "n_tries", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")
        )
    ]
