"""One look at a phase: its snapshot read as health, guardrails, and what its next step waits for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from experiments import analysis, conf
from experiments.brakes import is_lowered, tell_below_first
from experiments.changes import EVERYONE
from experiments.concerns import Concern
from experiments.guardrails import GuardedMetric, RowFigures, find_guardrail_concerns
from experiments.health import Vitals, find_health_concerns
from experiments.metrics import all_metrics
from experiments.models import Exposure, Phase, Snapshot, Status
from experiments.plan import Plan, read_plan
from experiments.samples import find_min_units
from experiments.sources import metric_source
from experiments.steps import Step
from experiments.windows import LENGTH, find_window


@dataclass(frozen=True, slots=True)
class Look:
    """What a snapshot says of a phase. `n_units` counts the smallest variation, of `min_units` that the step needs.

    `is_lowered`: a person lowered the share, and nothing has raised it since.
    """

    phase: Phase
    plan: Plan
    snapshot: Snapshot | None
    concerns: tuple[Concern, ...]
    n_units: int
    min_units: int
    is_lowered: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next step, when its time has come, and all that it waits for, in words; `is_due` once that is nothing.

    At the last step there is none: `due_at` is then the planned end.
    """

    next_step: Step | None
    due_at: datetime | None
    waits: tuple[str, ...]

    @property
    def is_due(self) -> bool:
        return self.next_step is not None and not self.waits


def look_again(phase: Phase, now: datetime) -> Look:
    """Take a snapshot and read it.

    Args:
        phase: An open one.
        now: The project's time.
    """
    return read_look(phase, analysis.take_snapshot(phase.pk, now), now)


def look_back(phase: Phase, now: datetime) -> Look:
    """Read the newest snapshot without taking one, for pages; without any, nothing is known yet."""
    return read_look(phase, analysis.latest(phase.pk), now)


def read_look(phase: Phase, snapshot: Snapshot | None, now: datetime) -> Look:
    """What a snapshot says of its phase now."""
    plan, control = read_plan(phase), _find_control(phase)
    if snapshot is None:
        least = find_min_units(plan, phase.step, control=control, metrics=(), n_featured=1)
        return Look(phase, plan, None, (), 0, least, is_lowered(phase.experiment))
    featured = [key for key, weight_bp in phase.read_weights() if weight_bp and key != control]
    metrics, missing = _read_guarded(plan, snapshot)
    concerns = [
        *find_health_concerns(_read_vitals(phase, snapshot, now)),
        *find_guardrail_concerns(
            plan,
            control=control,
            metrics=metrics,
            rows=_read_rows(snapshot, featured),
            missing=missing,
            window=find_window(phase, snapshot.taken_at).number,
        ),
    ]
    counted = [snapshot.n_units.get(key, 0) for key, weight_bp in phase.read_weights() if weight_bp]
    least = find_min_units(plan, phase.step, control=control, metrics=metrics, n_featured=len(featured))
    return Look(phase, plan, snapshot, tuple(concerns), min(counted, default=0), least, is_lowered(phase.experiment))


def find_outlook(look: Look, now: datetime) -> Outlook:
    """What the phase's next step waits for: time, sample, approval, a person's word."""
    phase, plan = look.phase, look.plan
    place = phase.step
    if place + 1 >= len(plan.steps):
        return Outlook(None, plan.planned_end_at, _tell_end(plan))
    following = plan.steps[place + 1]
    due_at = phase.step_started_at + timedelta(hours=plan.steps[place].hours)
    waits = []
    if phase.experiment.status == Status.HELD:
        waits.append("until somebody resumes it")
    if now < due_at:
        waits.append(f"until {due_at:%Y-%m-%d %H:%M} UTC, the end of the step's time")
    if look.n_units < look.min_units:
        waits.append(f"until each variation has {look.min_units:,} units; the smallest has {look.n_units:,}")
    if (phase.approved_step or 0) < place + 1:
        if following.needs_approval:
            waits.append("until somebody approves the step")
        elif look.is_lowered:
            waits.append("until somebody approves the step, since the share was lowered by hand")
    if below := tell_below_first(phase, plan):
        waits.append(f"until {below}")
    waits += [concern.message for concern in look.concerns]
    return Outlook(following, due_at, tuple(waits))


def explain(phase: Phase, now: datetime) -> Outlook:
    """The outlook of an open phase by its newest snapshot, for pages."""
    return find_outlook(look_back(phase, now), now)


def find_max_lag_s() -> float:
    """How late events may be, in seconds of the project's time: 15 minutes, or half of what the source allows them.

    A source whose world runs faster than the system's clock gives its allowance in that world's seconds.
    """
    return max(conf.MAX_EVENT_LAG_S, metric_source().find_slack_s() / 2)


def _tell_end(plan: Plan) -> tuple[str, ...]:
    if plan.planned_end_at is None:
        return ("until somebody completes it; it has no planned end",)
    return (f"until {plan.planned_end_at:%Y-%m-%d %H:%M} UTC, its planned end",)


def _find_control(phase: Phase) -> str:
    return phase.experiment.variations.get(is_control=True).key


def _read_vitals(phase: Phase, snapshot: Snapshot, now: datetime) -> Vitals:
    experiment = phase.experiment
    return Vitals(
        n_units=snapshot.n_units,
        weights_bp=phase.read_weights(),
        n_crossover=snapshot.n_crossover,
        idle_h=_find_idle_h(phase, snapshot, now),
        lag_s=max(0.0, (now - snapshot.watermark_at).total_seconds()),
        max_lag_s=find_max_lag_s(),
        is_overruled=experiment.flag.everyone is not EVERYONE.get(Status(experiment.status)),
        is_switched_off=experiment.flag.everyone is False,
    )


def _find_idle_h(phase: Phase, snapshot: Snapshot, now: datetime) -> float:
    """Hours since anybody came; nobody is expected at a coverage of 0.

    The window of the row's figures may have begun a moment ago, so that a whole day is asked for where it is empty.
    """
    if not phase.coverage_bp or any(row["n"] for row in snapshot.row_health.values()):
        return 0.0
    newest = Exposure.objects.filter(phase=phase).aggregate(at=Max("first_at"))["at"]
    since = max(phase.step_started_at, phase.started_at, newest or phase.started_at)
    if now - since < LENGTH:
        return max(0.0, (now - since).total_seconds() / 3600)
    served = metric_source().read_row_health(phase.pk, now - LENGTH, now, math.inf)
    return 0.0 if any(row.n for row in served.values()) else (now - since).total_seconds() / 3600


def _read_guarded(plan: Plan, snapshot: Snapshot) -> tuple[list[GuardedMetric], list[str]]:
    """The guardrails that were measured, and the keys of those that nobody computes."""
    known = all_metrics()
    measured, missing = [], []
    for rule in plan.guardrails:
        metric = known.get(rule.metric)
        if metric is None:
            missing.append(rule.metric)
            continue
        arms = analysis.read_arms(snapshot, rule.metric)
        measured.append(GuardedMetric(rule, metric.name, metric.kind, metric.higher_is_better, arms))
    return measured, missing


def _read_rows(snapshot: Snapshot, featured: Sequence[str]) -> dict[str, RowFigures]:
    rows = {}
    for key in featured:
        stored = snapshot.row_health.get(key, {})
        rows[key] = RowFigures(
            n=stored.get("n", 0),
            n_errors=stored.get("errors", 0),
            n_fallback=stored.get("fallback", 0),
            n_slow=stored.get("slow", 0),
            p95_ms=stored.get("p95_ms"),
        )
    return rows
