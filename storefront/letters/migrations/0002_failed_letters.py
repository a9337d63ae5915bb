"""Finds the few letters that were refused or may not have arrived among all that were sent."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Letters are written and sent meanwhile.
    atomic = False

    dependencies: ClassVar = [("letters", "0001_letters")]

    operations: ClassVar = [
        AddIndexConcurrently(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("status__in", ["refused", "unsure"])), fields=["try_at"], name="letter_failed"
            ),
        ),
    ]
