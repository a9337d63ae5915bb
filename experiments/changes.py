"""One change under the experiment's lock: what it was before, and the record of what it became."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from django.db import transaction

from experiments import lifecycle
from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment, Flag, Phase, RampAction, RampChange, Status
from experiments.shares import find_featured_weight
from experiments.snapshot import expire_snapshot

logger = logging.getLogger(__name__)

ACTOR_MAX_LENGTH = 254
# What the flag in front of an experiment says in these states; in all others the open phase decides.
EVERYONE = {Status.SHIPPED: True, Status.ROLLED_BACK: False}
# These say nothing of who sees it: a flag that somebody switched past this app stays as it was switched.
FLAG_KEEPING = frozenset({RampAction.HOLD, RampAction.APPROVE, RampAction.ADVANCE, RampAction.REALLOCATE})


@dataclass(slots=True)
class Change:
    """A locked experiment with its open phase; `record` ends the change with its one audit row."""

    experiment: Experiment
    phase: Phase | None
    actor: str
    reason: str
    old_status: Status
    old_coverage_bp: int | None
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, key: str, actor: str, reason: str) -> Self:
        """Lock experiment, flag and open phase, in this order everywhere.

        Raises:
            UnknownExperiment: `unknown_experiment`.
            IllegalRamp: `actor_missing`, `reason_missing`.
        """
        if not actor.strip():
            raise IllegalRamp("actor_missing", "actor is empty: say who changes it.")
        if not reason.strip():
            raise IllegalRamp("reason_missing", "reason is empty: say why, in a few words.")
        experiment = Experiment.objects.locked(key)
        phase = experiment.phases.select_for_update().filter(ended_at__isnull=True).first()
        if phase is not None:
            phase.experiment = experiment
        return cls(
            experiment=experiment,
            phase=phase,
            actor=actor.strip()[:ACTOR_MAX_LENGTH],
            reason=reason.strip(),
            old_status=Status(experiment.status),
            old_coverage_bp=phase.coverage_bp if phase is not None else None,
        )

    @property
    def is_overruled(self) -> bool:
        """Whether somebody switched the flag past this app, so that it does not say what the status means."""
        return self.experiment.flag.everyone is not EVERYONE.get(Status(self.experiment.status))

    def get_phase(self) -> Phase:
        """The open phase.

        Raises:
            IllegalRamp: `not_running`.
        """
        if self.phase is None:
            raise IllegalRamp("not_running", f"{self.experiment.key!r} has no open phase: start one.")
        return self.phase

    def require(self, service: str) -> None:
        """Refuse a service that the present status does not accept.

        Raises:
            IllegalRamp: `illegal_transition`.
        """
        if self.experiment.status not in lifecycle.ACCEPTED[service]:
            raise self.refuse(service)

    def refuse(self, service: str) -> IllegalRamp:
        """The refusal of a service, with what can be asked for instead."""
        status = Status(self.experiment.status)
        possible = [name for name in lifecycle.find_services(status) if name not in {service, "ramp_to"}]
        return IllegalRamp(
            "illegal_transition",
            f"{self.experiment.key!r} is {str(status.label).lower()}, which does not allow "
            f"{service.replace('_', ' ')}. Possible now: {', '.join(possible).replace('_', ' ')}.",
        )

    def refuse_if_stale(self, expected_change_id: int | None) -> None:
        """Refuse when somebody changed the experiment after the given change; None asks for nothing.

        Raises:
            IllegalRamp: `stale_page`.
        """
        if expected_change_id is None:
            return
        newest = self.experiment.ramp_changes.first()
        if newest is not None and newest.pk != expected_change_id:
            raise IllegalRamp(
                "stale_page",
                f"{newest.actor} changed it meanwhile ({newest.get_action_display().lower()}). "
                "Look at its present state and decide again.",
            )

    def move(self, status: Status) -> None:
        """Take the experiment to another status.

        Raises:
            IllegalRamp: `illegal_transition`.
        """
        old = Status(self.experiment.status)
        if not lifecycle.is_legal(old, status):
            raise IllegalRamp(
                "illegal_transition",
                f"{self.experiment.key!r} cannot go from {str(old.label).lower()} to {str(status.label).lower()}.",
            )
        self.experiment.status = status
        self.experiment.save(update_fields=["status"])

    def set_coverage(self, coverage_bp: int, *, step: int, approved_step: int | None = None) -> None:
        """Set the open phase's coverage and the step it belongs to, whose time begins now; and what is approved."""
        phase = self.get_phase()
        phase.coverage_bp, phase.step, phase.step_started_at = coverage_bp, step, now()
        if approved_step is not None:
            phase.approved_step = approved_step
        phase.save(update_fields=["coverage_bp", "step", "step_started_at", "approved_step"])

    def end_phase(self) -> None:
        """End the open phase, if there is one."""
        if self.phase is not None:
            self.phase.ended_at = max(now(), self.phase.started_at)
            self.phase.save(update_fields=["ended_at"])

    def record(self, action: RampAction) -> RampChange:
        """Let the flag follow the status and write the audit row; on commit this process's snapshot expires.

        What only holds, approves, advances or reallocates leaves the flag alone: nobody's kill switch is undone.
        """
        if action not in FLAG_KEEPING:
            self._align_flag()
        phase = self.phase
        open_phase = phase if phase is not None and phase.ended_at is None else None
        change = RampChange.objects.create(
            experiment=self.experiment,
            phase=phase,
            action=action,
            actor=self.actor,
            reason=self.reason,
            code=self.code,
            facts=dict(self.facts),
            old_state=self.old_status,
            new_state=self.experiment.status,
            old_coverage_bp=self.old_coverage_bp,
            new_coverage_bp=open_phase.coverage_bp if open_phase is not None else None,
            featured_bp=self._find_featured(),
            at=now(),
        )
        transaction.on_commit(expire_snapshot)
        transaction.on_commit(partial(_log, change, self.experiment.key))
        return change

    def _align_flag(self) -> None:
        """With the project's time and without waffle's cache."""
        everyone = EVERYONE.get(Status(self.experiment.status))
        self.experiment.flag.everyone = everyone
        Flag.objects.filter(pk=self.experiment.flag_id).update(everyone=everyone, modified=now())

    def _find_featured(self) -> int | None:
        if self.phase is None:
            return None
        control = self.experiment.variations.get(is_control=True)
        return find_featured_weight(self.phase.read_weights(), control.key)


def _log(change: RampChange, key: str) -> None:
    logger.info(
        "Who sees an experiment has changed.",
        extra={"experiment": key, "code": change.code or change.action, "coverage_bp": change.new_coverage_bp},
    )
