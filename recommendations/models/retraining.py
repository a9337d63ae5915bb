"""RetrainRun (a rebuild of a rotation's dormant side), and its append-only audit: StepAttempt, Swap, RetrainAction."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from recommendations.models.leases import Leased
from recommendations.models.rotations import Colour, Rotation
from recommendations.retrain_status import FINISHED, RetrainStatus

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

ENDS = [status.value for status in RetrainStatus if status in FINISHED]
STEP_NAMES = [status.value for status in RetrainStatus if status not in FINISHED]


class RetrainRun(Leased):
    """One rebuild. Its status is the step to run next; `finished_at` is empty as long as there is one."""

    rotation = models.ForeignKey(Rotation, on_delete=models.PROTECT, related_name="runs")
    colour = models.CharField(max_length=5, choices=Colour)
    status = models.CharField(
        max_length=12,
        choices=[(status.value, status.value.capitalize()) for status in RetrainStatus],
        default=RetrainStatus.PROVISION,
    )
    # The night that began it, as the moment it came; empty for a run that somebody asked for.
    night_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # Interactions received up to here are imported; later ones come through the tracker.
    watermark_at = models.DateTimeField(null=True, blank=True)
    # Interactions that happened before this are too old to train on.
    window_start_at = models.DateTimeField(null=True, blank=True)
    # Errors in a row that may pass by themselves, at the step the run is at.
    n_retries = models.PositiveSmallIntegerField(default=0)
    failure_step = models.CharField(max_length=12, blank=True)
    failure_reason = models.TextField(blank=True)
    failure_fix = models.TextField(blank=True)
    # Step -> what it found, in figures.
    report = models.JSONField(default=dict, blank=True)
    # When what this run had built was deleted.
    torn_down_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        attempts: "RelatedManager[StepAttempt]"

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rotation"], condition=Q(finished_at__isnull=True), name="one_active_run_per_rotation"
            ),
            models.UniqueConstraint(
                fields=["rotation", "night_at"], condition=Q(night_at__isnull=False), name="one_run_per_night"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ENDS, finished_at__isnull=False)
                | Q(status__in=STEP_NAMES, finished_at__isnull=True),
                name="run_finished_with_its_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rotation_id} {self.colour} run {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.finished_at is None

    @property
    def resource_name(self) -> str:
        """The name of everything that this run makes at the backend; never used again."""
        return f"{self.rotation_id}-{self.colour}-{self.pk}"


class StepAttempt(models.Model):
    """One thing that happened to a step of a run."""

    class Event(models.TextChoices):
        STARTED = "started"
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(RetrainRun, on_delete=models.PROTECT, related_name="attempts")
    step = models.CharField(max_length=12)
    event = models.CharField(max_length=8, choices=Event)
    note = models.TextField(blank=True)
    holder = models.CharField(max_length=160)
    fencing_token = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.step} {self.event}"


class Swap(models.Model):
    """One move of the live pointer; `run` is empty for a roll back."""

    rotation = models.ForeignKey(Rotation, on_delete=models.PROTECT, related_name="swaps")
    run = models.OneToOneField(RetrainRun, on_delete=models.PROTECT, null=True, blank=True, related_name="swap")
    from_colour = models.CharField(max_length=5, choices=Colour, blank=True)
    from_campaign_arn = models.CharField(max_length=256, blank=True)
    to_colour = models.CharField(max_length=5, choices=Colour)
    to_campaign_arn = models.CharField(max_length=256)
    # The pointer's version after the move.
    version = models.PositiveIntegerField()
    # Who moved it and why; empty where a run did.
    actor = models.CharField(max_length=150, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["rotation", "version"], name="one_swap_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.from_colour or 'nothing'} -> {self.to_colour}"


class RetrainAction(models.Model):
    """What a person, or the night, asked of a rotation."""

    class Kind(models.TextChoices):
        REQUEST = "request"
        ABANDON = "abandon"
        ROLL_BACK = "roll_back", "Roll back"

    rotation = models.ForeignKey(Rotation, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=10, choices=Kind)
    run = models.ForeignKey(RetrainRun, on_delete=models.PROTECT, null=True, blank=True, related_name="actions")
    swap = models.OneToOneField(Swap, on_delete=models.PROTECT, null=True, blank=True, related_name="action")
    actor = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(actor="") & ~Q(reason=""), name="action_has_actor_and_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.actor}"
