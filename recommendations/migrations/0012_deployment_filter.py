from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0011_filters"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="filter_arn",
            field=models.CharField(blank=True, db_default="", max_length=256),
        ),
    ]
