"""Takes the cap off ratios: cutting the numerator alone made the busiest units worth less for each unit below it."""

from django.db import migrations, models

CLEAR = "UPDATE experiments_metric SET cap = NULL WHERE kind = 'ratio'"


class Migration(migrations.Migration):
    dependencies = [("experiments", "0014_immutable_salts")]

    operations = [
        # What the caps were is not kept: results under them were wrong.
        migrations.RunSQL(CLEAR, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="metric",
            name="cap",
            field=models.FloatField(
                blank=True,
                help_text="A unit's total counts at most so much; not for a ratio. Fix it beforehand.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "ratio"), _negated=True), ("cap__isnull", True), _connector="OR"),
                name="metric_ratio_has_no_cap",
                violation_error_message="cap: a ratio takes none, since its denominator has none.",
            ),
        ),
    ]
