"""What is measured and what came out: metrics, units' totals and the snapshots of results."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0005_variation_weights"),
    ]

    operations = [
        migrations.CreateModel(
            name="Metric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=100, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("proportion", "Share of units with any"),
                            ("mean", "Mean per unit"),
                            ("ratio", "Ratio of two sums"),
                        ],
                        default="mean",
                        max_length=12,
                    ),
                ),
                ("numerator", models.CharField(help_text="The fact that is summed for each unit.", max_length=100)),
                (
                    "denominator",
                    models.CharField(
                        blank=True, help_text="For a ratio: the fact that it is divided by.", max_length=100
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        default=14, help_text="Facts of so many days from first exposure."
                    ),
                ),
                (
                    "cap",
                    models.FloatField(
                        blank=True, help_text="A unit's total counts at most so much. Fix it beforehand.", null=True
                    ),
                ),
                ("higher_is_better", models.BooleanField(default=True)),
                (
                    "covariate",
                    models.CharField(
                        blank=True,
                        help_text="A fact of the 30 days before exposure that predicts this one.",
                        max_length=100,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "phase",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="experiments.phase",
                    ),
                ),
                ("settled_until", models.DateTimeField(null=True)),
                ("seen_xid", models.BigIntegerField(default=0)),
                ("measures", models.JSONField(default=list)),
                ("covariates", models.JSONField(default=list)),
                ("rebuilt_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "progress",
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField()),
                ("watermark_at", models.DateTimeField()),
                ("is_final", models.BooleanField(default=False)),
                ("n_units", models.JSONField(default=dict)),
                ("n_crossover", models.PositiveIntegerField(default=0)),
                ("n_merged", models.PositiveIntegerField(default=0)),
                ("n_forced", models.PositiveIntegerField(default=0)),
                ("sums", models.JSONField(default=dict)),
                ("covariates", models.JSONField(default=dict)),
                ("results", models.JSONField(default=dict)),
                ("triggered", models.JSONField(default=dict)),
                ("segments", models.JSONField(null=True)),
                ("row_health", models.JSONField(default=dict)),
                ("interleaving", models.JSONField(null=True)),
            ],
            options={
                "ordering": ["-taken_at"],
            },
        ),
        migrations.CreateModel(
            name="UnitTotals",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "phase_id", "unit", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit", models.CharField(max_length=64)),
                ("variation_id", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("is_crossover", models.BooleanField(default=False)),
                ("is_triggered", models.BooleanField(default=True)),
                ("stratum", models.CharField(max_length=400)),
                ("totals", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("covariates", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                (
                    "phase",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="experiments.phase",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "unit totals",
            },
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "ratio"), models.Q(("denominator", ""), _negated=True)),
                    models.Q(models.Q(("kind", "ratio"), _negated=True), ("denominator", "")),
                    _connector="OR",
                ),
                name="metric_ratio_has_denominator",
                violation_error_message="denominator: a ratio needs one; the other kinds have none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(("cap__isnull", True), ("cap__gt", 0), _connector="OR"),
                name="metric_cap_positive",
                violation_error_message="cap: give a number above 0, or nothing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_days__gte", 1), ("window_days__lte", 366)),
                name="metric_window_1_to_366_days",
                violation_error_message="window_days: give 1 to 366.",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "ratio"), _negated=True), ("covariate", ""), _connector="OR"),
                name="metric_ratio_has_no_covariate",
                violation_error_message="covariate: a ratio takes none.",
            ),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="phase",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="snapshots", to="experiments.phase"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(fields=("phase", "taken_at"), name="snapshot_once_at_a_time"),
        ),
    ]
