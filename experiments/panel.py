"""What the ramp page shows of one experiment: its state, the bar, the steps and what a change would make of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.bars import BarVariation, Segment, draw_allocation, draw_everyone
from experiments.models import Experiment, Phase, RampChange, Status
from experiments.plan import read_plan
from experiments.shares import (
    PRESET_COVERAGES_BP,
    find_featured_weight,
    find_seen,
    format_percent,
    split_evenly,
)

HISTORY_LENGTH = 50
# Their phase decides.
OPEN = frozenset({Status.RUNNING, Status.HELD})


@dataclass(frozen=True, slots=True)
class Step:
    """One share to ramp to, by both of its numbers."""

    coverage_bp: int
    seen: str
    coverage: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class HistoryLine:
    change: RampChange
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Panel:
    """`variations` and `weights_bp` are the open phase's, or what a new one would start with."""

    state: Status
    variations: tuple[BarVariation, ...]
    weights_bp: tuple[tuple[str, int], ...]
    coverage_bp: int
    has_phase: bool
    phase_number: int | None
    started_at: datetime | None
    shipped: str | None
    newest_change_id: int

    @property
    def control(self) -> BarVariation:
        return next(variation for variation in self.variations if variation.is_control)

    @property
    def featured(self) -> tuple[BarVariation, ...]:
        return tuple(variation for variation in self.variations if not variation.is_control)

    @property
    def featured_bp(self) -> int:
        return find_featured_weight(self.weights_bp, self.control.key)

    @property
    def seen(self) -> str:
        """Share of all units that sees the feature now."""
        if self.state == Status.SHIPPED:
            return "100%"
        return format_percent(find_seen(self.running_coverage_bp, self.featured_bp))

    @property
    def coverage(self) -> str:
        return format_percent(self.coverage_bp)

    @property
    def running_coverage_bp(self) -> int:
        return self.coverage_bp if self.state in OPEN else 0

    @property
    def waiting_seen(self) -> str:
        """Share that sees it again when a phase behind the kill switch is reopened."""
        return format_percent(find_seen(self.coverage_bp, self.featured_bp))

    @property
    def most_seen(self) -> str:
        """The largest share that can see it while control keeps its weight."""
        return format_percent(self.featured_bp)

    @property
    def segments(self) -> tuple[Segment, ...]:
        if self.state == Status.SHIPPED and self.shipped is not None:
            return draw_everyone(self.variations, self.shipped)
        if self.state in OPEN:
            return self.draw_coverage(self.coverage_bp)
        return draw_everyone(self.variations, self.control.key)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(
            Step(
                coverage_bp=coverage_bp,
                seen=format_percent(find_seen(coverage_bp, self.featured_bp)),
                coverage=format_percent(coverage_bp),
                is_current=self.state in OPEN and coverage_bp == self.coverage_bp,
            )
            for coverage_bp in PRESET_COVERAGES_BP
        )

    def draw_coverage(self, coverage_bp: int) -> tuple[Segment, ...]:
        """The bar of the open or the next phase at this coverage."""
        return draw_allocation(self.variations, self.weights_bp, coverage_bp)


def describe_panel(experiment: Experiment) -> Panel:
    """The experiment's present state, read from the database."""
    phase = experiment.find_open_phase()
    rows = list(experiment.variations.all())
    variations = tuple(BarVariation(row.key, row.name, row.is_control) for row in rows)
    keys = [row.key for row in rows]
    newest = experiment.ramp_changes.first()
    return Panel(
        state=Status(experiment.status),
        variations=variations,
        weights_bp=phase.read_weights() if phase is not None else split_evenly(keys),
        coverage_bp=_find_coverage(experiment, phase),
        has_phase=phase is not None,
        phase_number=phase.number if phase is not None else None,
        started_at=phase.started_at if phase is not None else None,
        shipped=_find_shipped(experiment, variations),
        newest_change_id=newest.pk if newest is not None else 0,
    )


def describe_history(experiment: Experiment) -> list[HistoryLine]:
    """The newest changes first, at most HISTORY_LENGTH, each with its shares before and after."""
    return [
        HistoryLine(
            change=change,
            before=_describe_share(change.old_state, change.old_coverage_bp, change.featured_bp),
            after=_describe_share(change.new_state, change.new_coverage_bp, change.featured_bp),
        )
        for change in experiment.ramp_changes.select_related("phase")[:HISTORY_LENGTH]
    ]


def summarise_state(experiment: Experiment, phases: Sequence[Phase]) -> str:
    """One line for the list of experiments."""
    phase = next((phase for phase in phases if phase.ended_at is None), None)
    state = Status(experiment.status)
    if phase is None or state not in OPEN:
        return str(state.label)
    control = next((row.key for row in experiment.variations.all() if row.is_control), "")
    seen_bp = find_seen(phase.coverage_bp, find_featured_weight(phase.read_weights(), control))
    return f"{format_percent(seen_bp)} see it, {format_percent(phase.coverage_bp)} included"


def _find_coverage(experiment: Experiment, phase: Phase | None) -> int:
    """The open phase's coverage; one that was rolled back would be reopened at its first step."""
    if phase is None:
        return 0
    return read_plan(phase).steps[0].coverage_bp if experiment.status == Status.ROLLED_BACK else phase.coverage_bp


def _find_shipped(experiment: Experiment, variations: Sequence[BarVariation]) -> str | None:
    """What everyone gets while the flag is on for everyone: as assignment decides it."""
    shipped = experiment.shipped
    if shipped is not None:
        return shipped.key
    return next((variation.key for variation in variations if not variation.is_control), None)


def _describe_share(state: str, coverage_bp: int | None, featured_bp: int | None) -> str:
    if state not in OPEN or coverage_bp is None or featured_bp is None:
        return str(Status(state).label)
    return f"{format_percent(find_seen(coverage_bp, featured_bp))} see it ({format_percent(coverage_bp)} included)"
