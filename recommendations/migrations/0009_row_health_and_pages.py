from django.db import migrations, models

from recommendations.migrations._partitioned import CreatePartitionedModel


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0008_live_erasure"),
    ]

    operations = [
        # It held a phase's number, which names no phase by itself; nothing ever read it.
        migrations.RemoveField(model_name="recommendationserved", name="phase"),
        migrations.AddField(
            model_name="recommendationserved", name="phase_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AlterField(
            model_name="recommendationserved",
            name="variation",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="recommendationserved",
            name="took_ms",
            field=models.FloatField(db_default=0.0, default=0.0),
        ),
        migrations.AddField(
            model_name="recommendationserved",
            name="error",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="recommendationserved",
            name="teams",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        CreatePartitionedModel(
            name="PageServed",
            fields=[
                ("page_view_id", models.UUIDField(primary_key=True, serialize=False)),
                ("shopper_key", models.CharField(max_length=64)),
                ("session_id", models.CharField(blank=True, max_length=32)),
                ("page", models.CharField(max_length=40)),
                ("status", models.PositiveSmallIntegerField()),
                ("took_ms", models.FloatField()),
                ("phase_id", models.BigIntegerField(null=True)),
                ("variation", models.CharField(blank=True, max_length=100)),
                ("served_at", models.DateTimeField()),
            ],
        ),
    ]
