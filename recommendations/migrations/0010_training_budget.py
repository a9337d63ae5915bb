from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0009_row_health_and_pages"),
    ]

    operations = [
        migrations.AddField(
            model_name="rotation",
            name="training_budget_s",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solution",
            name="training_budget_s",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solutionversion",
            name="warm_start_from",
            field=models.CharField(blank=True, db_default="", default="", max_length=256),
        ),
        migrations.AddField(
            model_name="solutionversion",
            name="training",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
