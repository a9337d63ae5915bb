"""Rotation (a Maize/Blue pair that serves a slot), its Deployments, and the pointer to the live one."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Colour(models.TextChoices):
    MAIZE = "maize"
    BLUE = "blue"

    @property
    def other(self) -> "Colour":
        return Colour.BLUE if self is Colour.MAIZE else Colour.MAIZE


class Rotation(models.Model):
    """One recipe on one backend for one slot; nights rebuild its dormant side and swap."""

    key = models.SlugField(max_length=40, primary_key=True)
    slot = models.SlugField(max_length=40)
    recipe = models.CharField(max_length=80, default="aws-user-personalization")
    backend = models.CharField(max_length=20, default="embedded")
    hyperparameters = models.JSONField(default=dict, blank=True)
    # Event type -> weight 0..1 in training; an empty mapping means the recipe's own.
    event_weights = models.JSONField(default=dict, blank=True)
    # Days of interactions that a retrain exports; empty for RETRAIN_WINDOW_DAYS.
    window_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # CPU-seconds that a training may use, 0 for no limit; empty for TRAINING_BUDGET_S.
    training_budget_s = models.PositiveIntegerField(null=True, blank=True)
    # Of chance against the model's scores, 0..1, and for items up to which age; new items alone have any.
    exploration_weight = models.FloatField(default=0.3, db_default=0.3)
    exploration_age_cut_off_days = models.FloatField(default=30.0, db_default=30.0)
    # Bound -> number, by the names in `pipeline/gates/bounds.py`; what is not named there has its default.
    gates = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    if TYPE_CHECKING:
        deployments: "RelatedManager[Deployment]"

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_days__isnull=True) | Q(window_days__gt=0), name="rotation_window_positive"
            ),
            models.CheckConstraint(
                condition=Q(exploration_weight__gte=0, exploration_weight__lte=1), name="rotation_explores_a_share"
            ),
            models.CheckConstraint(
                condition=Q(exploration_age_cut_off_days__gte=0), name="rotation_age_cut_off_not_negative"
            ),
        ]
        permissions = [
            ("retrain_rotation", "Can start a retrain"),
            ("abandon_rotation_run", "Can abandon a running retrain"),
            ("roll_back_rotation", "Can roll back the live campaign"),
        ]

    def __str__(self) -> str:
        return self.key


class Deployment(models.Model):
    """One side of a rotation: the ARNs of what the backend holds for it. Empty strings mean: not built."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="deployments")
    colour = models.CharField(max_length=5, choices=Colour)
    dataset_group_arn = models.CharField(max_length=256, blank=True)
    event_tracker_arn = models.CharField(max_length=256, blank=True)
    tracking_id = models.CharField(max_length=64, blank=True)
    solution_version_arn = models.CharField(max_length=256, blank=True)
    campaign_arn = models.CharField(max_length=256, blank=True)
    # What every list of the campaign must pass.
    filter_arn = models.CharField(max_length=256, blank=True, db_default="")
    # Interactions received up to here came by import; the tracker takes only later ones.
    watermark_at = models.DateTimeField(null=True)
    trained_at = models.DateTimeField(null=True)
    metrics = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rotation", "colour"], name="one_deployment_per_colour"),
            models.CheckConstraint(condition=Q(colour__in=["maize", "blue"]), name="deployment_colour_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rotation_id} {self.colour}"


class LiveCampaign(models.Model):
    """The pointer: which side of a rotation is live. Written by `serving.live.swap` alone, by compare and set."""

    rotation = models.OneToOneField(Rotation, on_delete=models.CASCADE, primary_key=True, related_name="live")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    # Copied, so that one row read tells all that serving needs.
    campaign_arn = models.CharField(max_length=256)
    version = models.PositiveIntegerField(default=1)
    swapped_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(campaign_arn=""), name="live_campaign_named")]

    def __str__(self) -> str:
        return f"{self.rotation_id} -> {self.campaign_arn}"
