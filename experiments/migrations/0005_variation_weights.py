"""A draft's weights: what its next phase starts with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("experiments", "0004_life_layers_and_exposures"),)

    operations = (
        migrations.AddField(
            model_name="variation",
            name="weight_bp",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Its part of the test, in basis points; equal parts where all are empty.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="variation",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight_bp__lte", 10000)), name="variation_weight_bp_0_to_10000"
            ),
        ),
    )
