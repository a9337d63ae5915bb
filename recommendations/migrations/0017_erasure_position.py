"""A mark in a stream of several shards is as long as their number asks for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0016_paid_acts")]

    operations = [
        migrations.AlterField(model_name="liveerasure", name="position", field=models.TextField(blank=True)),
    ]
