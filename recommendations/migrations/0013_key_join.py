from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0012_deployment_filter"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyJoin",
            fields=[
                ("shopper_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("heir_key", models.CharField(max_length=64)),
                ("joined_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["heir_key"], name="keyjoin_heir")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("heir_key", models.F("shopper_key")), _negated=True),
                        name="keyjoin_two_keys",
                    ),
                ],
            },
        ),
    ]
