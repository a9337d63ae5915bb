"""Phases: unchanged allocations, each with a salt of its own."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from experiments.bucketing import BUCKETS
from experiments.conf import now
from experiments.models.experiments import Experiment
from experiments.models.salts import make_salt
from experiments.shares import freeze_weights


class Phase(models.Model):
    """An unchanged allocation: only its coverage moves; other weights are another phase, analysed apart."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="phases")
    number = models.PositiveIntegerField()
    coverage_bp = models.PositiveIntegerField(help_text="Share of all units included, in basis points.")
    weights_bp = models.JSONField(help_text="[[variation key, basis points], ...] in the order they were hashed.")
    salt = models.CharField(max_length=32, default=make_salt, unique=True, editable=False)
    plan = models.JSONField(default=dict, editable=False, help_text="The experiment's plan as it was at the start.")
    step = models.PositiveSmallIntegerField(default=0, help_text="Which of the plan's steps it is at, from 0.")
    step_started_at = models.DateTimeField(default=now)
    approved_step = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Highest step approved.")
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints = (
            models.UniqueConstraint(fields=["experiment", "number"], name="phase_number_once"),
            models.UniqueConstraint(fields=["experiment"], condition=Q(ended_at__isnull=True), name="phase_one_open"),
            models.CheckConstraint(condition=Q(coverage_bp__lte=BUCKETS), name="phase_coverage_bp_0_to_10000"),
            models.CheckConstraint(condition=Q(salt__regex=r"^[0-9a-f]{32}$"), name="phase_salt_128_bit_hex"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="phase_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.experiment_id}/{self.number}"

    def read_weights(self) -> tuple[tuple[str, int], ...]:
        """(variation key, weight in basis points) in the order they were hashed."""
        return freeze_weights(self.weights_bp)
