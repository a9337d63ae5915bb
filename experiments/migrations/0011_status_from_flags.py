"""Stores each experiment's status, which flag and open phase used to add up to, and retells the record in its words."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from experiments.conf import now

OPEN_RECORD = "ALTER TABLE experiments_rampchange DISABLE TRIGGER experiments_rampchange_frozen"
CLOSE_RECORD = "ALTER TABLE experiments_rampchange ENABLE TRIGGER experiments_rampchange_frozen"
NEW_WORDS = """
UPDATE experiments_rampchange SET
    action = CASE action WHEN 'turn_off' THEN 'roll_back' ELSE action END,
    old_state = CASE old_state WHEN 'off' THEN 'rolled_back' ELSE old_state END,
    new_state = CASE new_state WHEN 'off' THEN 'rolled_back' ELSE new_state END
"""
OLD_WORDS = """
UPDATE experiments_rampchange SET
    action = CASE WHEN action = 'roll_back' THEN 'turn_off'
        WHEN action IN ('advance', 'approve') THEN 'set_coverage'
        WHEN action = 'reallocate' THEN 'start'
        WHEN action = 'complete' THEN 'stop'
        WHEN action IN ('schedule', 'hold', 'resume') THEN 'set_coverage'
        ELSE action END,
    old_state = CASE WHEN old_state = 'rolled_back' THEN 'off' WHEN old_state = 'held' THEN 'running'
        WHEN old_state IN ('scheduled', 'completed') THEN 'draft' ELSE old_state END,
    new_state = CASE WHEN new_state = 'rolled_back' THEN 'off' WHEN new_state = 'held' THEN 'running'
        WHEN new_state IN ('scheduled', 'completed') THEN 'draft' ELSE new_state END
"""


def store_status(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    experiments = apps.get_model("experiments", "Experiment").objects.using(using)
    phases = apps.get_model("experiments", "Phase").objects.using(using)
    for experiment in experiments.select_related("flag"):
        waiting = phases.filter(experiment=experiment, ended_at__isnull=True)
        if experiment.flag.everyone:
            experiment.status = "shipped"
            for phase in waiting:
                phase.ended_at = max(now(), phase.started_at)
                phase.save(update_fields=["ended_at"])
        elif experiment.flag.everyone is False:
            experiment.status = "rolled_back"
        else:
            experiment.status = "running" if waiting.exists() else "draft"
        experiment.save(update_fields=["status"])


def forget_status(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    experiments = apps.get_model("experiments", "Experiment").objects.using(schema_editor.connection.alias)
    experiments.update(status="draft")


class Migration(migrations.Migration):
    dependencies = [("experiments", "0010_rules_of_ramp_changes")]

    operations = [
        migrations.RunPython(store_status, forget_status),
        migrations.RunSQL([OPEN_RECORD, NEW_WORDS, CLOSE_RECORD], [OPEN_RECORD, OLD_WORDS, CLOSE_RECORD]),
    ]
