import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0004_campaign_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("detail", models.TextField()),
                ("facts", models.JSONField(default=dict)),
                ("raised_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("n_quiet_looks", models.PositiveSmallIntegerField(default=0)),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=150)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["-raised_at"], name="alarm_newest_first")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("code", "subject"),
                        name="one_open_alarm_per_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at__isnull", True), ("acknowledged_by", "")),
                            models.Q(
                                ("acknowledged_at__isnull", False), models.Q(("acknowledged_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="alarm_acknowledged_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlarmNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(choices=[("email", "Email"), ("webhook", "Webhook")], max_length=8)),
                ("event", models.CharField(choices=[("raised", "Raised"), ("cleared", "Cleared")], max_length=8)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("n_tries", models.PositiveSmallIntegerField(default=0)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "alarm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="recommendations.alarm"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="notice_due_first"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alarm", "channel", "event"), name="one_notice_per_event_and_channel"
                    )
                ],
            },
        ),
    ]
