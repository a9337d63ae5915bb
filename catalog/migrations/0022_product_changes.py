"""The database itself notes which products changed."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0022_product_changes.sql"
UNNOTED = """
DROP TRIGGER category_renamed ON catalog_category;
DROP TRIGGER brand_renamed ON catalog_brand;
DROP TRIGGER drop_moved ON catalog_drop;
DROP TRIGGER drop_announced ON catalog_drop;
DROP TRIGGER product_changed ON catalog_product;
DROP TRIGGER product_added ON catalog_product;
DROP FUNCTION catalog_note_products, catalog_note_changed_products, catalog_note_dropped_product,
    catalog_note_named_products;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0021_refunds_of_the_completed")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ProductChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNNOTED),
    ]
