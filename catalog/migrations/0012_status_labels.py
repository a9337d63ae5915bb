"""Statuses, roles and kinds read as words in the admin; the columns stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0011_market_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="status",
            field=models.CharField(
                choices=[
                    ("matched", "Matched"),
                    ("paid", "Paid"),
                    ("shipped", "Shipped"),
                    ("completed", "Completed"),
                    ("cancelled", "Cancelled"),
                ],
                default="matched",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="orderstep",
            name="by",
            field=models.CharField(
                choices=[
                    ("buyer", "Buyer"),
                    ("seller", "Seller"),
                    ("provider", "Provider"),
                    ("schedule", "Schedule"),
                    ("staff", "Staff"),
                ],
                max_length=150,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="kind",
            field=models.CharField(
                choices=[("authorise", "Authorise"), ("capture", "Capture"), ("void", "Void"), ("refund", "Refund")],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="status",
            field=models.CharField(
                choices=[("asked", "Asked"), ("done", "Done"), ("declined", "Declined")], default="asked", max_length=12
            ),
        ),
    ]
