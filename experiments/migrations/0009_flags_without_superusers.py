"""Takes away the one list that nobody sees: superusers who are always on would see what nobody ramped."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q


def forget_superusers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Not reversed: which flags had it is not kept, and off is the safe answer."""
    flags = apps.get_model("experiments", "Flag").objects.using(schema_editor.connection.alias)
    flags.filter(superusers=True).update(superusers=False)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0008_layer_slots_apart")]

    operations = [
        migrations.RunPython(forget_superusers, migrations.RunPython.noop),
        migrations.AlterField("flag", "superusers", models.BooleanField(default=False, editable=False)),
        migrations.RemoveConstraint("flag", "flag_is_never_drawn"),
        migrations.AddConstraint(
            "flag",
            models.CheckConstraint(
                name="flag_is_never_drawn",
                condition=Q(percent__isnull=True, rollout=False, testing=False, languages="", superusers=False),
                violation_error_message="Percent, rollout, testing, languages and superusers mislead: ramp a phase.",
            ),
        ),
    ]
