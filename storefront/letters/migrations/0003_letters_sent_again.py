"""When a member of staff last had a letter sent again."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("letters", "0002_failed_letters")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="letter",
            name="again_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
