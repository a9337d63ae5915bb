"""Finds products by words that are spelled nearly as theirs."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0008_order_guards")]

    operations: ClassVar = [
        # A no-op where the server's template has it; elsewhere the database's owner may make it.
        TrigramExtension(),
        migrations.AddIndex(
            "product",
            GinIndex(fields=["name", "keywords"], name="product_likeness", opclasses=["gin_trgm_ops", "gin_trgm_ops"]),
        ),
    ]
