"""What people call an `ApiToken`."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("access", "0001_api_tokens")]

    operations: ClassVar = [
        migrations.AlterModelOptions("apitoken", options={"ordering": ["-made_at", "-id"], "verbose_name": "API token"})
    ]
