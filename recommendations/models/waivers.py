"""GateWaiver: one gate of one run that somebody has waived, and why; append-only."""

from django.db import models
from django.db.models import Q

from recommendations.models.retraining import RetrainRun


class GateWaiver(models.Model):
    """One gate of one run that somebody has waived, and why; append-only, and a run has one at most."""

    run = models.OneToOneField(RetrainRun, on_delete=models.PROTECT, related_name="waiver")
    gate = models.CharField(max_length=32)
    actor = models.CharField(max_length=160)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(gate="") & ~Q(actor="") & ~Q(reason=""), name="waiver_explained"),
        ]

    def __str__(self) -> str:
        return f"{self.gate} waived for run {self.run_id}"
