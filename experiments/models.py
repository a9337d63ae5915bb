"""Flags, experiments, their variations and phases, and the record of every change."""

import secrets
from typing import Any, ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import F, FilteredRelation, Func, OuterRef, Q
from django.db.models.functions import JSONObject
from django.db.models.lookups import Exact
from django.http import HttpRequest
from waffle.models import AbstractUserFlag, BaseModel

from experiments.bucketing import BUCKETS
from experiments.conf import MAX_TARGETED, now
from experiments.exceptions import UnknownExperiment
from experiments.shares import freeze_weights


def make_salt() -> str:
    """128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


class FlagQuerySet(models.QuerySet["Flag"]):
    def get_by_natural_key(self, name: str) -> "Flag":
        return self.get(name=name)

    def with_experiments(self) -> Self:
        """Each flag with all that deciding needs, in one statement, so that no two parts are of different moments."""
        variations = (
            Variation.objects.filter(experiment__flag=OuterRef("pk"))
            .order_by("position")
            .values(json=JSONObject(id="pk", key="key", payload="payload", is_control="is_control"))
        )
        return self.annotate(
            open_phase=FilteredRelation("experiment__phases", condition=Q(experiment__phases__ended_at__isnull=True)),
            experiment_key=F("experiment__key"),
            shipped_id=F("experiment__shipped"),
            phase_id=F("open_phase__pk"),
            phase_number=F("open_phase__number"),
            phase_coverage_bp=F("open_phase__coverage_bp"),
            phase_salt=F("open_phase__salt"),
            phase_weights_bp=F("open_phase__weights_bp"),
            variations=ArraySubquery(variations),
            targeted_users=ArraySubquery(
                Flag.users.through.objects.filter(flag=OuterRef("pk")).order_by("pk").values("user")[:MAX_TARGETED]
            ),
            targeted_groups=ArraySubquery(Flag.groups.through.objects.filter(flag=OuterRef("pk")).values("group")),
        )


class Flag(AbstractUserFlag):
    """A waffle flag that never draws at random and never reads a cache: the process's snapshot answers.

    `everyone` False is the kill switch, True is shipped to everybody, None leaves it to lists and the open phase.
    """

    superusers = models.BooleanField(default=False, help_text="Always on for superusers. Left out of every analysis.")
    created = models.DateTimeField(default=now, editable=False)
    modified = models.DateTimeField(default=now, editable=False)

    objects = models.Manager.from_queryset(FlagQuerySet)()  # type: ignore[assignment, misc]

    class Meta(AbstractUserFlag.Meta):
        constraints = (
            models.CheckConstraint(
                name="flag_is_never_drawn",
                condition=Q(percent__isnull=True, rollout=False, testing=False, languages=""),
                violation_error_message="Percent, rollout, testing and languages cannot be analysed: ramp a phase.",
            ),
        )

    @classmethod
    def get(cls, name: str) -> Self:
        """The flag as the snapshot knows it; an unsaved one when there is none, as waffle does."""
        from experiments.snapshot import get_snapshot  # The snapshot reads this module's tables.

        state = get_snapshot().flags.get(name)
        if state is None:
            return cls(name=name)
        known = {"id": state.id, "name": name, "everyone": state.everyone, "modified": state.modified}
        return cls.from_db(None, list(known), list(known.values()))

    @classmethod
    def get_all(cls) -> list[Self]:
        """All flags of the snapshot."""
        from experiments.snapshot import get_snapshot

        return [cls.get(name) for name in get_snapshot().flags]

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002
        """Whether this request's unit gets anything but control; waffle's cookies, queries and draws play no part."""
        from experiments.assignment import is_on

        return is_on(self.name, request)

    def is_active_for_user(self, user: Any) -> bool | None:
        """Whether this user sees the feature whatever the phase says; None where only the phase can tell."""
        from experiments.assignment import is_on_for_user

        return is_on_for_user(self.name, user)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the project's time; waffle's own save would stamp the system's."""
        self.modified = now()
        super(BaseModel, self).save(*args, **kwargs)
        transaction.on_commit(self.flush)

    def flush(self) -> None:
        """Make this process reload at its next assignment; the others follow within the snapshot's age."""
        from experiments.snapshot import expire_snapshot

        expire_snapshot()


class ExperimentState(models.TextChoices):
    DRAFT = "draft", "Not running"
    RUNNING = "running", "Running"
    OFF = "off", "Off for everyone"
    SHIPPED = "shipped", "On for everyone"


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def locked(self, key: str) -> "Experiment":
        """The experiment and its flag, locked until the transaction ends.

        Raises:
            UnknownExperiment: `unknown_experiment`.
        """
        found = self.select_related("flag").select_for_update(of=("self", "flag")).filter(key=key).first()
        if found is None:
            raise UnknownExperiment(key)
        return found


class Experiment(models.Model):
    """One question, asked of the shoppers behind one flag."""

    key = models.SlugField(max_length=100, unique=True, help_text="What the code asks for; it never changes.")
    name = models.CharField(max_length=200)
    flag = models.OneToOneField(Flag, on_delete=models.PROTECT, related_name="experiment")
    shipped = models.ForeignKey(
        "Variation", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["key"]
        permissions: ClassVar = [("ramp_experiment", "Can change who sees an experiment")]

    def __str__(self) -> str:
        return self.name

    def find_open_phase(self) -> "Phase | None":
        """The phase that decides now, or None."""
        return self.phases.filter(ended_at__isnull=True).first()

    def find_state(self, open_phase: "Phase | None") -> ExperimentState:
        """What the flag and the given open phase add up to."""
        if self.flag.everyone is False:
            return ExperimentState.OFF
        if self.flag.everyone:
            return ExperimentState.SHIPPED
        return ExperimentState.DRAFT if open_phase is None else ExperimentState.RUNNING


class Variation(models.Model):
    """One arm: a key, and the payload that tells the project what to do for it."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variations")
    key = models.SlugField(max_length=100)
    name = models.CharField(max_length=200)
    payload = models.JSONField(default=dict, blank=True)
    is_control = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

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
        )

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """An unchanged allocation: only its coverage moves; other weights are another phase, analysed apart."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="phases")
    number = models.PositiveIntegerField()
    coverage_bp = models.PositiveIntegerField(help_text="Share of all units included, in basis points.")
    weights_bp = models.JSONField(help_text="[[variation key, basis points], ...] in the order they were hashed.")
    salt = models.CharField(max_length=32, default=make_salt, unique=True, editable=False)
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


class RampAction(models.TextChoices):
    START = "start", "Started"
    SET_COVERAGE = "set_coverage", "Changed the share"
    TURN_OFF = "turn_off", "Turned off"
    REOPEN = "reopen", "Reopened"
    STOP = "stop", "Stopped"
    SHIP = "ship", "Turned on for everyone"


class RampChange(models.Model):
    """Who changed what, from what, and why. Rows are only ever added."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="ramp_changes")
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, null=True, blank=True, related_name="ramp_changes")
    action = models.CharField(max_length=20, choices=RampAction)
    # Text, so that the record outlives the account and a controller or a command can act too.
    actor = models.CharField(max_length=254)
    reason = models.TextField()
    old_state = models.CharField(max_length=20, choices=ExperimentState)
    new_state = models.CharField(max_length=20, choices=ExperimentState)
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
