"""What the ramp page shows of one experiment: its status, the bar, the steps, and what a change would make of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from experiments.bars import BarVariation, Segment, draw_allocation, draw_everyone
from experiments.brakes import is_lowered
from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.lifecycle import find_services
from experiments.models import Experiment, Phase, Status
from experiments.plan import read_plan
from experiments.shares import find_featured_weight, find_seen, format_percent, split_evenly
from experiments.steps import Step, read_steps

# Their phase decides.
OPEN = frozenset({Status.RUNNING, Status.HELD})


@dataclass(frozen=True, slots=True)
class StepLink:
    """One step by both of its numbers; `state` is done, current or ahead."""

    number: int
    coverage_bp: int
    seen: str
    coverage: str
    hours: str
    needs_approval: bool
    state: str
    is_offered: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """`variations` and `weights_bp` are the open phase's, or what the next one would start with."""

    experiment: Experiment
    status: Status
    variations: tuple[BarVariation, ...]
    weights_bp: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]
    phase: Phase | None
    shipped: str | None
    newest_change_id: int
    is_lowered: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def services(self) -> tuple[str, ...]:
        return find_services(self.status)

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
    def coverage_bp(self) -> int:
        """Share in the test now."""
        return self.phase.coverage_bp if self.phase is not None and self.is_open else 0

    @property
    def coverage(self) -> str:
        return format_percent(self.coverage_bp)

    @property
    def seen(self) -> str:
        """Share of all units that sees the feature now."""
        return "100%" if self.status == Status.SHIPPED else self.tell_seen(self.coverage_bp)

    @property
    def most_seen(self) -> str:
        """The largest share that can see it while control keeps its weight."""
        return format_percent(self.featured_bp)

    @property
    def first_seen(self) -> str:
        return self.tell_seen(self.steps[0].coverage_bp)

    @property
    def current_step(self) -> int | None:
        """Number of the step that it is at, from 1."""
        return self.phase.step + 1 if self.phase is not None and self.is_open else None

    @property
    def next_step(self) -> Step | None:
        if self.phase is None or not self.is_open or self.phase.step + 1 >= len(self.steps):
            return None
        return self.steps[self.phase.step + 1]

    @property
    def asks_approval(self) -> bool:
        """Whether the next step follows only once a person has approved it."""
        return self.next_step is not None and (self.next_step.needs_approval or self.is_lowered)

    @property
    def layer_part(self) -> str:
        """Its part of all units where a layer gives it only some; the shares of the page are of that part."""
        if self.experiment.layer is None or self.layer_share_bp is None:
            return ""
        share = format_percent(self.layer_share_bp)
        return f"{share} of all shoppers, its part of the layer {self.experiment.layer.name}"

    @property
    def layer_share_bp(self) -> int | None:
        """Its slots of a layer, as a share of all units; None where it owns none."""
        start, stop = self.experiment.layer_start, self.experiment.layer_stop
        if self.experiment.layer_id is None or start is None or stop is None:
            return None
        return stop - start

    @property
    def seen_of_all(self) -> str:
        """The share of all units that sees the feature now, where its layer gives it only some; else empty."""
        if self.layer_share_bp is None or self.status == Status.SHIPPED:
            return ""
        seen_bp = find_seen(self.coverage_bp, self.featured_bp)
        return format_percent(find_seen(seen_bp, self.layer_share_bp))

    @property
    def next_seen(self) -> str:
        """Share that sees it at the next step."""
        return self.tell_seen(self.next_step.coverage_bp) if self.next_step is not None else ""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The bar as it is."""
        if self.status == Status.SHIPPED and self.shipped is not None:
            return draw_everyone(self.variations, self.shipped)
        if self.is_open and self.coverage_bp:
            return self.draw_coverage(self.coverage_bp)
        return draw_everyone(self.variations, self.control.key)

    @property
    def step_links(self) -> tuple[StepLink, ...]:
        """Every step of the plan, and whether a click may go there now."""
        return tuple(self._describe_step(number, step) for number, step in enumerate(self.steps, start=1))

    def draw_coverage(self, coverage_bp: int) -> tuple[Segment, ...]:
        """The bar of the open or the next phase at this coverage."""
        return draw_allocation(self.variations, self.weights_bp, coverage_bp)

    def tell_seen(self, coverage_bp: int) -> str:
        """The share that sees the feature at this coverage."""
        return format_percent(find_seen(coverage_bp, self.featured_bp))

    def _describe_step(self, number: int, step: Step) -> StepLink:
        reached = self.current_step or 0
        state = "current" if number == reached else "done" if number < reached else "ahead"
        is_back = self.status == Status.HELD and step.coverage_bp >= self.coverage_bp
        return StepLink(
            number=number,
            coverage_bp=step.coverage_bp,
            seen=self.tell_seen(step.coverage_bp),
            coverage=format_percent(step.coverage_bp),
            hours=f"{step.hours:g} h",
            needs_approval=step.needs_approval,
            state=state,
            is_offered=self.is_open and step.coverage_bp != self.coverage_bp and not is_back,
        )


def describe_panel(experiment: Experiment) -> Panel:
    """The experiment's present state, read from the database.

    Raises:
        IllegalRamp: `nothing_to_compare`: a draft without a control and another variation.
    """
    rows = list(experiment.variations.all())
    if len(rows) < 2 or not any(row.is_control for row in rows):
        raise IllegalRamp("nothing_to_compare", "Give this experiment a control and at least one other variation.")
    phase = experiment.find_open_phase()
    if phase is not None:
        phase.experiment = experiment
    variations = tuple(BarVariation(row.key, row.name, row.is_control) for row in rows)
    newest = experiment.ramp_changes.first()
    weights = phase.read_weights() if phase is not None else find_draft_weights(experiment)
    control = next(row.key for row in rows if row.is_control)
    featured_bp = find_featured_weight(weights, control)
    return Panel(
        experiment=experiment,
        status=Status(experiment.status),
        variations=variations,
        weights_bp=weights,
        steps=read_plan(phase).steps if phase is not None else read_steps(experiment.steps, featured_bp),
        phase=phase,
        shipped=_find_shipped(experiment, variations),
        newest_change_id=newest.pk if newest is not None else 0,
        is_lowered=phase is not None and is_lowered(experiment),
    )


def find_draft_weights(experiment: Experiment) -> tuple[tuple[str, int], ...]:
    """What the next phase would start with: the draft's weights, or equal ones."""
    rows = list(experiment.variations.all())
    given = [(row.key, row.weight_bp) for row in rows if row.weight_bp is not None]
    return tuple(given) if len(given) == len(rows) else split_evenly([row.key for row in rows])


def summarise_share(experiment: Experiment, phases: Sequence[Phase]) -> str:
    """Who sees it, in one line for the list of experiments."""
    if experiment.status == Status.SHIPPED:
        return "Everyone"
    phase = next((phase for phase in phases if phase.ended_at is None), None)
    if phase is None or experiment.status not in OPEN:
        return "Nobody"
    control = next((row.key for row in experiment.variations.all() if row.is_control), "")
    seen_bp = find_seen(phase.coverage_bp, find_featured_weight(phase.read_weights(), control))
    return f"{format_percent(seen_bp)} see it, {format_percent(phase.coverage_bp)} in the test"


def tell_days_left(experiment: Experiment) -> str:
    """How long until the result is read."""
    ends_at = experiment.planned_end_at
    if ends_at is None or experiment.status not in {Status.SCHEDULED, *OPEN}:
        return "-"
    return tell_time_left(ends_at)


def tell_time_left(ends_at: datetime) -> str:
    """Days until a moment, rounded up as in reports; hours on the last two."""
    seconds = (ends_at - now()).total_seconds()
    if seconds <= 0:
        return "over"
    hours = int(seconds // 3600)
    return f"{hours} h" if hours < 48 else f"{ceil(seconds / 86_400)} days"


def _find_shipped(experiment: Experiment, variations: Sequence[BarVariation]) -> str | None:
    """What everyone gets while the flag is on for everyone: as assignment decides it."""
    shipped = experiment.shipped
    if shipped is not None:
        return shipped.key
    return next((variation.key for variation in variations if not variation.is_control), None)
