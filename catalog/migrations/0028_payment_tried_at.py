"""When a payment was asked for last: nobody ends the wait for an answer that is on its way."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0027_payouts_meanwhile")]

    operations: ClassVar = [migrations.AddField("payment", "tried_at", models.DateTimeField(blank=True, null=True))]
