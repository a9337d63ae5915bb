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
    tags = models.JSONField(default=dict, blank=True, db_default={})
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.arn


class DatasetGroup(BackendResource):
    """All that one training needs, isolated from every other: deleting it deletes everything below."""

    name = models.CharField(max_length=63, unique=True)
    # Empty for a custom group.
    domain = models.CharField(max_length=20, blank=True, default="", db_default="")
    role_arn = models.CharField(max_length=256, blank=True, default="", db_default="")
    kms_key_arn = models.CharField(max_length=2048, blank=True, default="", db_default="")

    if TYPE_CHECKING:
        datasets: "RelatedManager[Dataset]"
        solutions: "RelatedManager[Solution]"


class Schema(BackendResource):
    """A dataset's columns, as flat Avro; `text` is the JSON as it was given."""

    name = models.CharField(max_length=63, unique=True)
    domain = models.CharField(max_length=20, blank=True)
    text = models.TextField()


class Dataset(BackendResource):
    """One kind of data of a group; without a schema its columns are those that the shop exports."""

    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="datasets")
    dataset_type = models.CharField(max_length=20, default="INTERACTIONS")
    name = models.CharField(max_length=63, blank=True, default="", db_default="")
    schema = models.ForeignKey(Schema, on_delete=models.PROTECT, null=True, related_name="datasets")

    if TYPE_CHECKING:
        import_jobs: "RelatedManager[DatasetImportJob]"

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
    role_arn = models.CharField(max_length=256, blank=True, default="", db_default="")
    import_mode = models.CharField(max_length=11, default="FULL", db_default="FULL")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "job_name"], name="one_import_per_job_name")]


class Recommender(BackendResource):
    """A domain's recommender: a solution, its version and a campaign, made as one."""

    name = models.CharField(max_length=63, unique=True)
    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="recommenders")
    recipe = models.CharField(max_length=80)
    config = models.JSONField(default=dict, blank=True)
    # The newest update, as it is described.
    update = models.JSONField(null=True, blank=True)

    if TYPE_CHECKING:
        solutions: "RelatedManager[Solution]"


class Solution(BackendResource):
    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="solutions")
    name = models.CharField(max_length=63, unique=True)
    recipe = models.CharField(max_length=80)
    hyperparameters = models.JSONField(default=dict, blank=True)
    # Event type -> weight 0..1; empty for the recipe's own.
    event_weights = models.JSONField(default=dict, blank=True)
    # CPU-seconds that a training may use; empty for no limit.
    training_budget_s = models.FloatField(null=True, blank=True)
    # The only type of event that is trained on; empty for all.
    event_type = models.CharField(max_length=256, blank=True, default="", db_default="")
    # Event type -> the least value of those of its events that are trained on.
    value_thresholds = models.JSONField(default=dict, blank=True, db_default={})
    # What the request that made it said besides, as descriptions repeat it.
    settings = models.JSONField(default=dict, blank=True, db_default={})
    recommender = models.ForeignKey(Recommender, on_delete=models.CASCADE, null=True, related_name="solutions")

    if TYPE_CHECKING:
        versions: "RelatedManager[SolutionVersion]"


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
    name = models.CharField(max_length=63, blank=True, default="", db_default="")
    training_mode = models.CharField(max_length=9, default="FULL", db_default="FULL")
    # Whether the trainer also measures the recipe on held-out users; the shop's retrains do that themselves.
    wants_metrics = models.BooleanField(default=False, db_default=False)

    if TYPE_CHECKING:
        campaigns: "RelatedManager[Campaign]"

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
    min_tps = models.PositiveIntegerField(default=1, db_default=1)
    config = models.JSONField(default=dict, blank=True, db_default={})
    # Whether a newer version of the solution is served as soon as it is ACTIVE.
    follows_latest = models.BooleanField(default=False, db_default=False)
    # The newest update, as it is described.
    update = models.JSONField(null=True, blank=True)


class EventTracker(BackendResource):
    """Where a dataset group takes live events; a group has one."""

    name = models.CharField(max_length=63, unique=True)
    dataset_group = models.OneToOneField(DatasetGroup, on_delete=models.CASCADE, related_name="event_tracker")
    tracking_id = models.CharField(max_length=64, unique=True)


class StreamedEvent(models.Model):
    """An event that a tracker took and no file holds: trainings read it beside the imports."""

    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="streamed_events")
    event_id = models.CharField(max_length=256)
    user_id = models.CharField(max_length=256)
    item_id = models.CharField(max_length=256)
    event_type = models.CharField(max_length=256)
    event_value = models.FloatField(null=True)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset_group", "event_id"], name="streamed_once")]


class StreamedRecord(models.Model):
    """An item or a user that was put one by one; the newest says all that is known of it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="streamed_records")
    record_id = models.CharField(max_length=256)
    properties = models.JSONField(default=dict)
    put_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "record_id"], name="newest_record_of_an_id")]
        indexes = [models.Index(fields=["dataset", "put_at"], name="record_put_lately")]
