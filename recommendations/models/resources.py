"""What the embedded backend owns, named as Amazon Personalize names it; the shop's own rows know only the ARNs."""

from typing import TYPE_CHECKING

from django.db import models

from recommendations.models.leases import Leased

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Status(models.TextChoices):
    PENDING = "CREATE PENDING"
    IN_PROGRESS = "CREATE IN_PROGRESS"
    ACTIVE = "ACTIVE"
    FAILED = "CREATE FAILED"
    STOPPED = "CREATE STOPPED"
    DELETING = "DELETE IN_PROGRESS"


class BackendResource(models.Model):
    arn = models.CharField(max_length=256, unique=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    failure_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.arn


class DatasetGroup(BackendResource):
    """All that one training needs, isolated from every other: deleting it deletes everything below."""

    name = models.CharField(max_length=63, unique=True)
    tags = models.JSONField(default=dict, blank=True)

    if TYPE_CHECKING:
        datasets: "RelatedManager[Dataset]"
        solutions: "RelatedManager[Solution]"


class Dataset(BackendResource):
    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="datasets")
    dataset_type = models.CharField(max_length=20, default="INTERACTIONS")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset_group", "dataset_type"], name="one_dataset_per_type"),
        ]


class DatasetImportJob(BackendResource):
    """A bulk import; `columns_path`, below the artifacts folder, holds the rows once they were checked."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="import_jobs")
    job_name = models.CharField(max_length=63)
    location = models.TextField()
    n_rows = models.PositiveBigIntegerField(null=True)
    columns_path = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "job_name"], name="one_import_per_job_name")]


class Solution(BackendResource):
    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="solutions")
    name = models.CharField(max_length=63, unique=True)
    recipe = models.CharField(max_length=80)
    hyperparameters = models.JSONField(default=dict, blank=True)
    # Event type -> weight 0..1; empty for the recipe's own.
    event_weights = models.JSONField(default=dict, blank=True)
    # CPU-seconds that a training may use; empty for no limit.
    training_budget_s = models.FloatField(null=True, blank=True)


class SolutionVersion(BackendResource, Leased):
    """A training: pending until a trainer claims it by lease; `artifact_path` is below the artifacts folder."""

    solution = models.ForeignKey(Solution, on_delete=models.CASCADE, related_name="versions")
    progress = models.FloatField(default=0.0)
    note = models.CharField(max_length=200, blank=True)
    artifact_path = models.CharField(max_length=255, blank=True)
    # The version that this training may go on from; gone or unfit, it makes no difference.
    warm_start_from = models.CharField(max_length=256, blank=True, default="", db_default="")
    # What the training cost and came to: parts and their weights, what took no part and why.
    training = models.JSONField(default=dict, blank=True, db_default={})
    metrics = models.JSONField(default=dict, blank=True)
    trained_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                name="solution_version_to_train",
                condition=models.Q(status__in=["CREATE PENDING", "CREATE IN_PROGRESS"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="ACTIVE") | ~models.Q(artifact_path=""), name="active_version_has_artifact"
            ),
            models.CheckConstraint(condition=models.Q(progress__gte=0, progress__lte=1), name="progress_is_a_share"),
        ]


class Campaign(BackendResource):
    name = models.CharField(max_length=63, unique=True)
    solution_version = models.ForeignKey(SolutionVersion, on_delete=models.PROTECT, related_name="campaigns")
    # Of chance against the model's scores, 0..1, and for items up to which age.
    exploration_weight = models.FloatField(default=0.3, db_default=0.3)
    exploration_age_cut_off_days = models.FloatField(default=30.0, db_default=30.0)


class EventTracker(BackendResource):
    """Where a dataset group takes live events; a group has one."""

    name = models.CharField(max_length=63, unique=True)
    dataset_group = models.OneToOneField(DatasetGroup, on_delete=models.CASCADE, related_name="event_tracker")
    tracking_id = models.CharField(max_length=64, unique=True)
