import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0010_training_budget"),
    ]

    operations = [
        migrations.CreateModel(
            name="Filter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arn", models.CharField(max_length=256, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("CREATE PENDING", "Pending"),
                            ("CREATE IN_PROGRESS", "In Progress"),
                            ("ACTIVE", "Active"),
                            ("CREATE FAILED", "Failed"),
                            ("CREATE STOPPED", "Stopped"),
                            ("DELETE IN_PROGRESS", "Deleting"),
                        ],
                        default="ACTIVE",
                        max_length=20,
                    ),
                ),
                ("failure_reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("name", models.CharField(max_length=63, unique=True)),
                ("expression", models.TextField()),
                (
                    "dataset_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="filters",
                        to="recommendations.datasetgroup",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
