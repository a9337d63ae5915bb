from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0015_personalize_server"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaidAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("import", "Import"), ("training", "Training"), ("campaign", "Campaign")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("owner", models.CharField(max_length=80)),
                ("group_name", models.CharField(max_length=80)),
                ("recipe", models.CharField(blank=True, max_length=80)),
                ("n_rows", models.PositiveBigIntegerField(default=0)),
                ("usd", models.FloatField(default=0.0)),
                ("usd_an_hour", models.FloatField(default=0.0)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["began_at"], name="paid_act_began")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "name"), name="one_paid_act_per_name"),
                    models.CheckConstraint(
                        condition=models.Q(("usd__gte", 0), ("usd_an_hour__gte", 0)), name="paid_act_costs_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="paid_act_ends_after_it_began",
                    ),
                ],
            },
        ),
    ]
