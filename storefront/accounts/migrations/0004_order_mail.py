"""Whether an account is written to about its orders."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0003_hidden_items")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user", name="order_mail", field=models.BooleanField(db_default=True, default=True)
        ),
    ]
