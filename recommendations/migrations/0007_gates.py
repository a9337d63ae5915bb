import django.db.models.deletion
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION recommendations_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON recommendations_gatewaiver
    FOR EACH ROW EXECUTE FUNCTION recommendations_refuse_change();
"""
CHANGEABLE = """
DROP TRIGGER append_only ON recommendations_gatewaiver;
DROP FUNCTION recommendations_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0006_nights_drain_and_audit")]

    operations = [
        migrations.AddField(
            model_name="rotation",
            name="window_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rotation",
            name="gates",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddConstraint(
            model_name="rotation",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_days__isnull", True), ("window_days__gt", 0), _connector="OR"),
                name="rotation_window_positive",
            ),
        ),
        migrations.CreateModel(
            name="GateWaiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gate", models.CharField(max_length=32)),
                ("actor", models.CharField(max_length=160)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiver",
                        to="recommendations.retrainrun",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("gate", ""), _negated=True),
                            models.Q(("actor", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="waiver_explained",
                    )
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
    ]
