"""What a report says before any result: the question, the phase and its variations."""

from datetime import datetime

from experiments.bars import TONES
from experiments.models import Experiment, Phase, Snapshot
from experiments.plan import Plan, find_featured, read_plan
from experiments.report.values import PhaseLine, Question, Variation
from experiments.report.words import count_days_left
from experiments.shares import find_seen


def describe_question(experiment: Experiment, phase: Phase | None) -> Question:
    """What was asked: as frozen at the phase's start, or as drafted where nothing was started."""
    plan: Plan | None = read_plan(phase) if phase is not None and phase.plan else None
    frozen = phase.plan if phase is not None else {}
    asked = plan or experiment
    return Question(
        research_note=frozen.get("research_note", experiment.research_note),
        change=frozen.get("change", experiment.change),
        metric=asked.primary_metric,
        expected_effect=asked.expected_effect,
        mde=asked.mde,
        alpha=asked.alpha,
        power=asked.power,
        allocation=asked.allocation,
    )


def describe_phase(phase: Phase, now: datetime) -> PhaseLine:
    """The phase's allocation and its time."""
    plan = read_plan(phase)
    featured_bp = find_featured(phase.experiment, phase.read_weights())
    return PhaseLine(
        number=phase.number,
        started_at=phase.started_at,
        ended_at=phase.ended_at,
        planned_end_at=plan.planned_end_at,
        coverage_bp=phase.coverage_bp,
        seen_bp=find_seen(phase.coverage_bp, featured_bp),
        planned_units=plan.planned_units,
        days_left=count_days_left(plan.planned_end_at, phase, now),
    )


def list_variations(experiment: Experiment, phase: Phase | None, snapshot: Snapshot | None) -> tuple[Variation, ...]:
    """The variations in the order of their making, each with its tone in every chart."""
    weights = dict(phase.read_weights()) if phase is not None else {}
    n_units = snapshot.n_units if snapshot is not None else {}
    found, place = [], 0
    for row in experiment.variations.all():
        tone = "control"
        if not row.is_control:
            tone, place = f"featured-{place % TONES}", place + 1
        if phase is None or row.key in weights:
            weight_bp = weights.get(row.key, 0)
            found.append(Variation(row.key, row.name, row.is_control, tone, weight_bp, n_units.get(row.key, 0)))
    return tuple(found)
