"""A product's attributes are names with values: pages look names up in them."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Func, Value
from django.db.models.lookups import Exact

KIND = Func("attributes", function="jsonb_typeof", output_field=models.TextField())


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0029_payment_attempts")]

    operations: ClassVar = [
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(condition=Exact(KIND, Value("object")), name="product_attributes_named"),
        )
    ]
