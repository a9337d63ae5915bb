"""What people call `n_tries`."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("letters", "0003_letters_sent_again")]

    operations: ClassVar = [
        migrations.AlterField("letter", "n_tries", models.PositiveSmallIntegerField(default=0, verbose_name="attempts"))
    ]
