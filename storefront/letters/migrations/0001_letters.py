"""Letters about orders, and the bookmark in the steps that they tell of."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("catalog", "0002_bids_orders_and_drops"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_after", models.BigIntegerField()),
                ("step_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="bookmark_is_one")],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("overtaken", "Overtaken"),
                            ("unwanted", "Unwanted"),
                            ("refused", "Refused"),
                            ("unsure", "Unsure"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("n_tries", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("try_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="catalog.orderstep",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "sending"])),
                        fields=["try_at"],
                        name="letter_to_send",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("step", "account"), name="letter_once_a_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["waiting", "sending", "sent", "overtaken", "unwanted", "refused", "unsure"])
                        ),
                        name="letter_status_known",
                    ),
                ],
            },
        ),
    ]
