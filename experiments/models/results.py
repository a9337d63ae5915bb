"""What is known of a phase: each unit's outcomes so far, and the results as they were at each look."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from experiments.models.phases import Phase

# A final look that misses no more than this is complete: what is that late at the very end decides nothing.
COMPLETE_TO = timedelta(minutes=1)


class Snapshot(models.Model):
    """One look at a phase: sums, results and health as they were then. Old ones are thinned; a final one stays."""

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="snapshots")
    taken_at = models.DateTimeField()
    # No fact of an earlier time is still on its way.
    watermark_at = models.DateTimeField()
    is_final = models.BooleanField(default=False)
    # {variation: analysed units}; the others are counted apart.
    n_units = models.JSONField(default=dict)
    n_crossover = models.PositiveIntegerField(default=0)
    n_merged = models.PositiveIntegerField(default=0)
    n_forced = models.PositiveIntegerField(default=0)
    # {metric: {variation: the fields of experiments.stats.Arm}}.
    sums = models.JSONField(default=dict)
    covariates = models.JSONField(default=dict)
    # {metric: {variation: read-outs against control}}.
    results = models.JSONField(default=dict)
    # {"n_units": ..., "sums": ..., "results": ...} of the units whose lists differ between the variations.
    triggered = models.JSONField(default=dict)
    # [{"attributes": {...}, "sums": {...}}, ...]; kept by the newest snapshot and by final ones.
    segments = models.JSONField(null=True)
    row_health = models.JSONField(default=dict)
    interleaving = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["-taken_at"]
        constraints = (models.UniqueConstraint(fields=("phase", "taken_at"), name="snapshot_once_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.phase_id} at {self.taken_at:%Y-%m-%d %H:%M}"

    @property
    def total_units(self) -> int:
        """All analysed units."""
        return sum(self.n_units.values())

    @property
    def is_incomplete(self) -> bool:
        """Whether it was frozen without events that were still on their way, after waiting for them for a day."""
        return self.is_final and self.taken_at - self.watermark_at > COMPLETE_TO


class UnitTotals(models.Model):
    """One unit's facts since its first exposure, as far as they are settled, and its covariates from before it.

    Links are resolved: a unit that was linked to another has no row of its own.
    """

    pk = models.CompositePrimaryKey("phase_id", "unit")
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.CharField(max_length=64)
    variation_id = models.BigIntegerField()
    first_at = models.DateTimeField()
    is_crossover = models.BooleanField(default=False)
    is_triggered = models.BooleanField(default=True)
    # The unit's attributes as canonical JSON: few different ones, so that they can be grouped by.
    stratum = models.CharField(max_length=400)
    # In the order of the progress's measures; within each measure's window only.
    totals = ArrayField(models.FloatField())
    covariates = ArrayField(models.FloatField())

    class Meta:
        verbose_name_plural = "unit totals"

    def __str__(self) -> str:
        return f"{self.unit} in {self.phase_id}"


class Progress(models.Model):
    """How far a phase's totals are; locked while a snapshot is taken."""

    phase = models.OneToOneField(Phase, on_delete=models.PROTECT, primary_key=True, related_name="+")
    # Facts before this are in the totals; later ones are read at each snapshot.
    settled_until = models.DateTimeField(null=True)
    # Exposures and links changed in this transaction or a later one have to be looked at.
    seen_xid = models.BigIntegerField(default=0)
    # What the columns of the totals mean: [[fact, window in days], ...] and [[fact, days], ...].
    measures = models.JSONField(default=list)
    covariates = models.JSONField(default=list)
    rebuilt_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        return f"Totals of {self.phase_id} up to {self.settled_until}"


class Metric(models.Model):
    """A metric made in the admin, of the same kinds and over the same facts as those declared in code."""

    class Kind(models.TextChoices):
        PROPORTION = "proportion", "Share of units with any"
        MEAN = "mean", "Mean per unit"
        RATIO = "ratio", "Ratio of two sums"

    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.MEAN)
    numerator = models.CharField(max_length=100, help_text="The fact that is summed for each unit.")
    denominator = models.CharField(max_length=100, blank=True, help_text="For a ratio: the fact that it is divided by.")
    window_days = models.PositiveSmallIntegerField(default=14, help_text="Facts of so many days from first exposure.")
    cap = models.FloatField(
        null=True, blank=True, help_text="A unit's total counts at most so much; not for a ratio. Fix it beforehand."
    )
    higher_is_better = models.BooleanField(default=True)
    covariate = models.CharField(
        max_length=100, blank=True, help_text="A fact of the 30 days before exposure that predicts this one."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["key"]
        constraints = (
            models.CheckConstraint(
                condition=(Q(kind="ratio") & ~Q(denominator="")) | (~Q(kind="ratio") & Q(denominator="")),
                name="metric_ratio_has_denominator",
                violation_error_message="denominator: a ratio needs one; the other kinds have none.",
            ),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(cap__gt=0),
                name="metric_cap_positive",
                violation_error_message="cap: give a number above 0, or nothing.",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=366),
                name="metric_window_1_to_366_days",
                violation_error_message="window_days: give 1 to 366.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ratio") | Q(covariate=""),
                name="metric_ratio_has_no_covariate",
                violation_error_message="covariate: a ratio takes none.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ratio") | Q(cap__isnull=True),
                name="metric_ratio_has_no_cap",
                violation_error_message="cap: a ratio takes none, since its denominator has none.",
            ),
        )

    def __str__(self) -> str:
        return self.name
