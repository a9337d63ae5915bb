from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0007_gates"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveErasure",
            fields=[
                ("shopper_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField()),
                ("position", models.CharField(blank=True, max_length=48)),
            ],
            options={
                "indexes": [models.Index(fields=["asked_at"], name="erasure_oldest_first")],
            },
        ),
    ]
