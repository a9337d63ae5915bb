"""What an experiment went through: the record of changes, who or what, from what, to what and why; its phases."""

from dataclasses import dataclass
from datetime import datetime

from experiments.models import Experiment, RampChange, Status
from experiments.panel import OPEN
from experiments.shares import find_seen, format_percent

HISTORY_LENGTH = 50


@dataclass(frozen=True, slots=True)
class HistoryLine:
    change: RampChange
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase as the plan's page lists it."""

    number: int
    coverage: str
    split: str
    started_at: datetime
    ended_at: datetime | None
    salt: str


def describe_phases(experiment: Experiment) -> list[PhaseLine]:
    """All phases, the newest first."""
    return [
        PhaseLine(
            number=phase.number,
            coverage=format_percent(phase.coverage_bp),
            split=", ".join(f"{key} {format_percent(weight_bp)}" for key, weight_bp in phase.read_weights()),
            started_at=phase.started_at,
            ended_at=phase.ended_at,
            salt=phase.salt,
        )
        for phase in experiment.phases.all()
    ]


def describe_history(experiment: Experiment) -> list[HistoryLine]:
    """The newest changes first, at most HISTORY_LENGTH, each with its shares before and after."""
    return [describe_change(change) for change in experiment.ramp_changes.select_related("phase")[:HISTORY_LENGTH]]


def describe_change(change: RampChange) -> HistoryLine:
    """One change in words."""
    return HistoryLine(
        change=change,
        before=tell_share(change.old_state, change.old_coverage_bp, change.featured_bp, _find_layer_share(change)),
        after=tell_share(change.new_state, change.new_coverage_bp, change.featured_bp, _find_layer_share(change)),
    )


def tell_share(state: str, coverage_bp: int | None, featured_bp: int | None, layer_share_bp: int | None = None) -> str:
    """A status with the shares that it had; in a layer also the share of all units, since they are of its slots."""
    label = str(Status(state).label)
    if state not in OPEN or coverage_bp is None or featured_bp is None:
        return label
    seen_bp = find_seen(coverage_bp, featured_bp)
    shares = f"{format_percent(seen_bp)} see it ({format_percent(coverage_bp)} in the test)"
    if layer_share_bp is not None:
        of_all = format_percent(find_seen(seen_bp, layer_share_bp))
        shares += f" of its {format_percent(layer_share_bp)} of the layer, {of_all} of all"
    return shares if state == Status.RUNNING else f"{label}, {shares}"


def _find_layer_share(change: RampChange) -> int | None:
    """The slots that the phase had of its layer, as it was frozen; None without a layer."""
    slots = change.phase.plan.get("layer") if change.phase is not None else None
    return slots["stop"] - slots["start"] if slots else None
