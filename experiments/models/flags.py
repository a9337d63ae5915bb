"""Flags: waffle's, decided by the process's snapshot and never by a draw."""

from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from waffle.models import AbstractUserFlag, BaseModel

from experiments.conf import MAX_TARGETED, now


class FlagQuerySet(models.QuerySet["Flag"]):
    def get_by_natural_key(self, name: str) -> "Flag":
        return self.get(name=name)

    def with_experiments(self) -> Self:
        """Each flag with all that deciding needs, in one statement, so that no two parts are of different moments."""
        from experiments.models.experiments import Variation  # It points here.
        from experiments.models.layers import Holdout

        variations = (
            Variation.objects.filter(experiment__flag=OuterRef("pk"))
            .order_by("position")
            .values(json=JSONObject(id="pk", key="key", payload="payload", is_control="is_control"))
        )
        return self.annotate(
            open_phase=FilteredRelation("experiment__phases", condition=Q(experiment__phases__ended_at__isnull=True)),
            experiment_key=F("experiment__key"),
            experiment_status=F("experiment__status"),
            experiment_design=F("experiment__design"),
            eligibility=F("experiment__eligibility"),
            layer_key=F("experiment__layer__key"),
            layer_salt=F("experiment__layer__salt"),
            layer_start=F("experiment__layer_start"),
            layer_stop=F("experiment__layer_stop"),
            holdouts=ArraySubquery(
                Holdout.objects.active_at(now())
                .order_by("pk")
                .values(json=JSONObject(key="key", salt="salt", share_bp="share_bp"))
            ),
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

    superusers = models.BooleanField(default=False, editable=False)
    created = models.DateTimeField(default=now, editable=False)
    modified = models.DateTimeField(default=now, editable=False)

    objects = models.Manager.from_queryset(FlagQuerySet)()  # type: ignore[assignment, misc]

    class Meta(AbstractUserFlag.Meta):
        constraints = (
            models.CheckConstraint(
                name="flag_is_never_drawn",
                condition=Q(percent__isnull=True, rollout=False, testing=False, languages="", superusers=False),
                violation_error_message="Percent, rollout, testing, languages and superusers mislead: ramp a phase.",
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
