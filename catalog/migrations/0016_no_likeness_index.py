"""Nothing asks by likeness any more: what was meant is found among the catalogue's own words."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0015_declined_payments")]

    operations: ClassVar = [migrations.RemoveIndex("product", "product_likeness")]
