"""The record of every change: who, what, from what, to what and why."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from experiments.conf import now
from experiments.models.experiments import Experiment, Status
from experiments.models.phases import Phase


class RampAction(models.TextChoices):
    SCHEDULE = "schedule", "Scheduled"
    START = "start", "Started"
    SET_COVERAGE = "set_coverage", "Changed the share"
    ADVANCE = "advance", "Went to the next step"
    APPROVE = "approve", "Approved the next step"
    HOLD = "hold", "Held"
    RESUME = "resume", "Resumed"
    ROLL_BACK = "roll_back", "Rolled back"
    REOPEN = "reopen", "Reopened"
    REALLOCATE = "reallocate", "Opened a phase with new weights"
    COMPLETE = "complete", "Completed"
    STOP = "stop", "Made a draft again"
    SHIP = "ship", "Turned on for everyone"


class RampChange(models.Model):
    """Who changed what, from what, and why. Rows are only ever added."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="ramp_changes")
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, null=True, blank=True, related_name="ramp_changes")
    action = models.CharField(max_length=20, choices=RampAction)
    # Text, so that the record outlives the account and a controller or a command can act too.
    actor = models.CharField(max_length=254)
    reason = models.TextField()
    # Which rule of the ramp controller made it, and the figures it went by; empty where a person did.
    code = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    old_state = models.CharField(max_length=20, choices=Status)
    new_state = models.CharField(max_length=20, choices=Status)
    old_coverage_bp = models.PositiveIntegerField(null=True, blank=True)
    new_coverage_bp = models.PositiveIntegerField(null=True, blank=True)
    # Weight of all variations but control at that time, so that the share that saw it can be told for ever.
    featured_bp = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="ramp_change_has_reason"),
            models.CheckConstraint(condition=~Q(actor=""), name="ramp_change_has_actor"),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} by {self.actor}"
