from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0013_key_join"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="exploration_weight",
            field=models.FloatField(db_default=0.3, default=0.3),
        ),
        migrations.AddField(
            model_name="campaign",
            name="exploration_age_cut_off_days",
            field=models.FloatField(db_default=30.0, default=30.0),
        ),
        migrations.AddField(
            model_name="rotation",
            name="exploration_weight",
            field=models.FloatField(db_default=0.3, default=0.3),
        ),
        migrations.AddField(
            model_name="rotation",
            name="exploration_age_cut_off_days",
            field=models.FloatField(db_default=30.0, default=30.0),
        ),
        migrations.AddConstraint(
            model_name="rotation",
            constraint=models.CheckConstraint(
                condition=models.Q(("exploration_weight__gte", 0), ("exploration_weight__lte", 1)),
                name="rotation_explores_a_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="rotation",
            constraint=models.CheckConstraint(
                condition=models.Q(("exploration_age_cut_off_days__gte", 0)),
                name="rotation_age_cut_off_not_negative",
            ),
        ),
    ]
