"""One change under the experiment's lock: what it was before, and the record of what it became."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Self

from django.db import transaction

from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment, ExperimentState, Flag, Phase, RampAction, RampChange
from experiments.shares import find_featured_weight
from experiments.snapshot import expire_snapshot

logger = logging.getLogger(__name__)

ACTOR_MAX_LENGTH = 254


@dataclass(slots=True)
class Change:
    """A locked experiment with its open phase; `record` ends the change with its one audit row."""

    experiment: Experiment
    phase: Phase | None
    actor: str
    reason: str
    old_state: ExperimentState
    old_coverage_bp: int | None

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
        return cls(
            experiment=experiment,
            phase=phase,
            actor=actor.strip()[:ACTOR_MAX_LENGTH],
            reason=reason.strip(),
            old_state=experiment.find_state(phase),
            old_coverage_bp=phase.coverage_bp if phase is not None else None,
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

    def set_everyone(self, value: bool | None) -> None:  # noqa: FBT001
        """Set the flag above the phase, with the project's time and without waffle's cache."""
        self.experiment.flag.everyone = value
        Flag.objects.filter(pk=self.experiment.flag_id).update(everyone=value, modified=now())

    def end_phase(self) -> None:
        """End the open phase, if there is one."""
        if self.phase is not None:
            self.phase.ended_at = max(now(), self.phase.started_at)
            self.phase.save(update_fields=["ended_at"])

    def record(self, action: RampAction) -> RampChange:
        """Write the audit row; on commit this process's snapshot expires."""
        phase = self.phase
        open_phase = phase if phase is not None and phase.ended_at is None else None
        change = RampChange.objects.create(
            experiment=self.experiment,
            phase=phase,
            action=action,
            actor=self.actor,
            reason=self.reason,
            old_state=self.old_state,
            new_state=self.experiment.find_state(open_phase),
            old_coverage_bp=self.old_coverage_bp,
            new_coverage_bp=open_phase.coverage_bp if open_phase is not None else None,
            featured_bp=self._find_featured(),
            at=now(),
        )
        transaction.on_commit(expire_snapshot)
        transaction.on_commit(partial(_log, change, self.experiment.key))
        return change

    def _find_featured(self) -> int | None:
        if self.phase is None:
            return None
        control = self.experiment.variations.get(is_control=True)
        return find_featured_weight(self.phase.read_weights(), control.key)


def _log(change: RampChange, key: str) -> None:
    logger.info(
        "Who sees an experiment has changed.",
        extra={"experiment": key, "code": change.action, "coverage_bp": change.new_coverage_bp},
    )
