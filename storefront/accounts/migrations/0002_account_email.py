"""Finds accounts by their e-mail addresses, whatever the letters' case."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]

    operations: ClassVar = [migrations.AddIndex("user", models.Index(Upper("email"), name="account_email"))]
