"""Experiments: one question each, its plan, and the variations that answer it."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from experiments.bucketing import BUCKETS
from experiments.conf import now
from experiments.exceptions import UnknownExperiment
from experiments.models.flags import Flag
from experiments.models.layers import Layer

if TYPE_CHECKING:
    from experiments.models.phases import Phase


class Status(models.TextChoices):
    """An experiment's life; `experiments.lifecycle` holds the legal transitions."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    RUNNING = "running", "Running"
    HELD = "held", "Held"
    ROLLED_BACK = "rolled_back", "Rolled back"
    COMPLETED = "completed", "Completed"
    SHIPPED = "shipped", "Shipped"


# From its start until it is archived an experiment owns its layer's slots, rolled back or completed too.
SLOT_OWNERS = (Status.RUNNING, Status.HELD, Status.ROLLED_BACK, Status.COMPLETED)


class Design(models.TextChoices):
    AB = "ab", "A/B"
    AA = "aa", "A/A"
    INTERLEAVING = "interleaving", "Interleaving"


class Allocation(models.TextChoices):
    FIXED = "fixed", "Fixed weights"
    THOMPSON = "thompson", "Thompson sampling"


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def locked(self, key: str) -> "Experiment":
        """The experiment and its flag, locked until the transaction ends.

        Raises:
            UnknownExperiment: `unknown_experiment`.
        """
        return self.select_related("flag").select_for_update(of=("self", "flag")).by_key(key)

    def by_key(self, key: str) -> "Experiment":
        """The experiment with this key.

        Raises:
            UnknownExperiment: `unknown_experiment`; the message names those there are.
        """
        found = self.filter(key=key).first()
        if found is None:
            raise UnknownExperiment(key, list(Experiment.objects.order_by("key").values_list("key", flat=True)))
        return found


class Experiment(models.Model):
    """One question, asked of the shoppers behind one flag."""

    key = models.SlugField(max_length=100, unique=True, help_text="What the code asks for; it never changes.")
    name = models.CharField(max_length=200)
    flag = models.OneToOneField(Flag, on_delete=models.PROTECT, related_name="experiment")
    shipped = models.ForeignKey(
        "Variation", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    design = models.CharField(max_length=20, choices=Design, default=Design.AB)
    scheduled_for = models.DateTimeField(null=True, blank=True, editable=False)
    is_simulated = models.BooleanField(
        default=False, editable=False, help_text="Its shoppers are simulated; its page says so."
    )

    research_note = models.TextField(blank=True, help_text="What is known: earlier tests, research, complaints.")
    change = models.TextField(blank=True, help_text="What is changed, and for whom.")
    primary_metric = models.SlugField(max_length=100, blank=True, help_text="The one metric that decides.")
    expected_effect = models.FloatField(null=True, blank=True, help_text="Expected relative effect: 0.05 is +5%.")
    secondary_metrics = models.JSONField(default=list, blank=True, help_text="Keys of further metrics, explored only.")
    alpha = models.FloatField(default=0.05, help_text="Significance level, two-sided.")
    power = models.FloatField(default=0.8)
    mde = models.FloatField(null=True, blank=True, help_text="Smallest relative effect worth finding: 0.05 is 5%.")
    planned_end_at = models.DateTimeField(null=True, blank=True)
    # Units of control and one other variation together; the planner computes it, a start freezes it.
    planned_units = models.PositiveIntegerField(null=True, blank=True, editable=False)
    guardrails = models.JSONField(default=list, blank=True, help_text='[{"metric": key, "margin": 0.02}, ...]')
    row_limits = models.JSONField(
        default=dict, blank=True, help_text='{"error_share", "fallback_share", "p95_ms"}; the usual ones where empty.'
    )
    steps = models.JSONField(default=list, blank=True, help_text="The ramp; the default steps where empty.")
    eligibility = models.JSONField(default=list, blank=True, help_text='[{"attribute": name, "is": [values]}, ...]')
    allocation = models.CharField(max_length=20, choices=Allocation, default=Allocation.FIXED)
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, null=True, blank=True, related_name="experiments")
    layer_start = models.PositiveIntegerField(null=True, blank=True, help_text="First bucket of its slots.")
    layer_stop = models.PositiveIntegerField(null=True, blank=True, help_text="The bucket after its last one.")
    created_at = models.DateTimeField(default=now, editable=False)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["key"]
        permissions: ClassVar = [("ramp_experiment", "Can change who sees an experiment")]
        constraints = (
            models.CheckConstraint(condition=Q(alpha__gt=0, alpha__lt=0.5), name="experiment_alpha_0_to_half"),
            models.CheckConstraint(condition=Q(power__gte=0.5, power__lt=1), name="experiment_power_half_to_1"),
            models.CheckConstraint(
                condition=Q(layer__isnull=True, layer_start__isnull=True, layer_stop__isnull=True)
                | Q(layer__isnull=False, layer_stop__gt=F("layer_start"), layer_stop__lte=BUCKETS)
                | Q(layer__isnull=False, layer_start__isnull=True, layer_stop__isnull=True),
                name="experiment_layer_slots_in_order",
            ),
            # One range for layer and slots together needs no extension for the layer's equality. What a draft names is
            # a wish: only what has started owns its slots.
            ExclusionConstraint(
                name="experiment_layer_slots_apart",
                expressions=[
                    (
                        Func(
                            F("layer_id") * BUCKETS + F("layer_start"),
                            F("layer_id") * BUCKETS + F("layer_stop"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(layer_start__isnull=False, status__in=SLOT_OWNERS),
                violation_error_message="Another running experiment of the layer owns some of these buckets.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def find_open_phase(self) -> "Phase | None":
        """The phase that decides now, or None."""
        return self.phases.filter(ended_at__isnull=True).first()


class Variation(models.Model):
    """One arm: a key, and the payload that tells the project what to do for it."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variations")
    key = models.SlugField(max_length=100)
    name = models.CharField(max_length=200)
    payload = models.JSONField(default=dict, blank=True)
    is_control = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    weight_bp = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Its part of the test, in basis points; equal parts where all are empty.",
    )

    class Meta:
        ordering: ClassVar = ["position"]
        constraints = (
            models.UniqueConstraint(fields=["experiment", "key"], name="variation_key_once"),
            models.UniqueConstraint(fields=["experiment", "position"], name="variation_position_once"),
            models.UniqueConstraint(fields=["experiment"], condition=Q(is_control=True), name="variation_one_control"),
            models.CheckConstraint(
                condition=Exact(Func("payload", function="jsonb_typeof", output_field=models.TextField()), "object"),
                name="variation_payload_is_object",
            ),
            models.CheckConstraint(condition=Q(weight_bp__lte=BUCKETS), name="variation_weight_bp_0_to_10000"),
        )

    def __str__(self) -> str:
        return self.name
