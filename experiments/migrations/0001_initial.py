import django.db.models.deletion
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import experiments.conf
import experiments.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Flag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="The human/computer readable name.", max_length=100, unique=True, verbose_name="Name"
                    ),
                ),
                (
                    "everyone",
                    models.BooleanField(
                        blank=True,
                        help_text="Flip this flag on (Yes) or off (No) for everyone, overriding all other settings. Leave as Unknown to use normally.",
                        null=True,
                        verbose_name="Everyone",
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        help_text="A number between 0.0 and 99.9 to indicate a percentage of users for whom this flag will be active.",
                        max_digits=3,
                        null=True,
                        verbose_name="Percent",
                    ),
                ),
                (
                    "testing",
                    models.BooleanField(
                        default=False,
                        help_text="Allow this flag to be set for a session for user testing",
                        verbose_name="Testing",
                    ),
                ),
                (
                    "staff",
                    models.BooleanField(default=False, help_text="Flag always active for staff?", verbose_name="Staff"),
                ),
                (
                    "authenticated",
                    models.BooleanField(
                        default=False,
                        help_text="Flag always active for authenticated users?",
                        verbose_name="Authenticated",
                    ),
                ),
                (
                    "languages",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="Activate this flag for users with one of these languages (comma-separated list)",
                        verbose_name="Languages",
                    ),
                ),
                (
                    "rollout",
                    models.BooleanField(default=False, help_text="Activate roll-out mode?", verbose_name="Rollout"),
                ),
                ("note", models.TextField(blank=True, help_text="Note where this Flag is used.", verbose_name="Note")),
                (
                    "superusers",
                    models.BooleanField(
                        default=False, help_text="Always on for superusers. Left out of every analysis."
                    ),
                ),
                ("created", models.DateTimeField(default=experiments.conf.now, editable=False)),
                ("modified", models.DateTimeField(default=experiments.conf.now, editable=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Activate this flag for these user groups.",
                        to="auth.group",
                        verbose_name="Groups",
                    ),
                ),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Activate this flag for these users.",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Users",
                    ),
                ),
            ],
            options={
                "verbose_name": "Flag",
                "verbose_name_plural": "Flags",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Experiment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.SlugField(
                        help_text="What the code asks for; it never changes.", max_length=100, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(default=experiments.conf.now, editable=False)),
                (
                    "flag",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experiment",
                        to=settings.WAFFLE_FLAG_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
                "permissions": [("ramp_experiment", "Can change who sees an experiment")],
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("coverage_bp", models.PositiveIntegerField(help_text="Share of all units included, in basis points.")),
                (
                    "weights_bp",
                    models.JSONField(help_text="[[variation key, basis points], ...] in the order they were hashed."),
                ),
                (
                    "salt",
                    models.CharField(default=experiments.models.make_salt, editable=False, max_length=32, unique=True),
                ),
                ("started_at", models.DateTimeField(default=experiments.conf.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="phases", to="experiments.experiment"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="RampChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("start", "Started"),
                            ("set_coverage", "Changed the share"),
                            ("turn_off", "Turned off"),
                            ("reopen", "Reopened"),
                            ("stop", "Stopped"),
                            ("ship", "Turned on for everyone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("actor", models.CharField(max_length=254)),
                ("reason", models.TextField()),
                (
                    "old_state",
                    models.CharField(
                        choices=[
                            ("draft", "Not running"),
                            ("running", "Running"),
                            ("off", "Off for everyone"),
                            ("shipped", "On for everyone"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "new_state",
                    models.CharField(
                        choices=[
                            ("draft", "Not running"),
                            ("running", "Running"),
                            ("off", "Off for everyone"),
                            ("shipped", "On for everyone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("old_coverage_bp", models.PositiveIntegerField(blank=True, null=True)),
                ("new_coverage_bp", models.PositiveIntegerField(blank=True, null=True)),
                ("featured_bp", models.PositiveIntegerField(blank=True, null=True)),
                ("at", models.DateTimeField(default=experiments.conf.now)),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ramp_changes",
                        to="experiments.experiment",
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ramp_changes",
                        to="experiments.phase",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Variation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=100)),
                ("name", models.CharField(max_length=200)),
                ("payload", models.JSONField(blank=True, default=dict)),
                ("is_control", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variations",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="experiment",
            name="shipped",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="experiments.variation",
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("languages", ""), ("percent__isnull", True), ("rollout", False), ("testing", False)
                ),
                name="flag_is_never_drawn",
                violation_error_message="Percent, rollout, testing and languages cannot be analysed: ramp a phase.",
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("experiment", "number"), name="phase_number_once"),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("experiment",), name="phase_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(("coverage_bp__lte", 10000)), name="phase_coverage_bp_0_to_10000"
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(("salt__regex", "^[0-9a-f]{32}$")), name="phase_salt_128_bit_hex"
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="phase_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="rampchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="ramp_change_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="rampchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor", ""), _negated=True), name="ramp_change_has_actor"
            ),
        ),
        migrations.AddConstraint(
            model_name="variation",
            constraint=models.UniqueConstraint(fields=("experiment", "key"), name="variation_key_once"),
        ),
        migrations.AddConstraint(
            model_name="variation",
            constraint=models.UniqueConstraint(fields=("experiment", "position"), name="variation_position_once"),
        ),
        migrations.AddConstraint(
            model_name="variation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_control", True)), fields=("experiment",), name="variation_one_control"
            ),
        ),
        migrations.AddConstraint(
            model_name="variation",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func("payload", function="jsonb_typeof", output_field=models.TextField()), "object"
                ),
                name="variation_payload_is_object",
            ),
        ),
    ]
