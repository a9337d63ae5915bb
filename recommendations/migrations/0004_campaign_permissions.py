from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0003_solution_event_weights"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="rotation",
            options={
                "ordering": ["key"],
                "permissions": [
                    ("retrain_rotation", "Can start a retrain"),
                    ("abandon_rotation_run", "Can abandon a running retrain"),
                    ("roll_back_rotation", "Can roll back the live campaign"),
                ],
            },
        ),
    ]
