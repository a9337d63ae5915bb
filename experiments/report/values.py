"""The report as a value: plain, frozen and complete, so that page, command and JSON say the same."""

from dataclasses import dataclass
from datetime import datetime

# Raised when a key of the JSON is renamed, removed or changes its meaning; new keys do not raise it.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a side left open is None."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Variation:
    """One arm: its weight in the phase, and the units counted in it."""

    key: str
    name: str
    is_control: bool
    tone: str
    weight_bp: int
    n_units: int


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as frozen when the phase started."""

    research_note: str
    change: str
    metric: str
    expected_effect: float | None
    mde: float | None
    alpha: float
    power: float
    allocation: str


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """The phase that is read."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    planned_end_at: datetime | None
    coverage_bp: int
    seen_bp: int
    planned_units: int
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Shift:
    """One estimate of a variation against control, in the metric's unit and as shares of control's value."""

    estimate: float
    interval: Range
    level: float
    p_value: float
    relative: float | None
    relative_interval: Range | None
    # The absolute interval over control's value: what is drawn, so that the picture agrees with the decision.
    share: float | None
    share_interval: Range | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variation against control on one metric; `finding` is the decision's word, `reason` why there is none.

    `is_disputed` where an earlier look has decided for one side and the newest estimate lies on the other.
    """

    variation: str
    control: float | None
    treatment: float | None
    shift: Shift | None
    read_out: str
    corrected_p: float | None
    correction: str
    finding: str
    reason: str
    adjusted: Shift | None
    variance_cut: float | None
    chance_to_beat: float | None
    is_disputed: bool = False


@dataclass(frozen=True, slots=True)
class GuardrailState:
    """Whether a guardrail holds: `safe`, `harmed` or `open`."""

    variation: str
    margin: float
    state: str
    p_harm: float | None
    p_safe: float | None


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric and each variation's comparison on it."""

    key: str
    name: str
    description: str
    role: str
    unit: str
    higher_is_better: bool
    window_days: int | None
    comparisons: tuple[Comparison, ...]
    guardrails: tuple[GuardrailState, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether the units counted fit the weights."""

    p_value: float | None
    anytime_p_value: float | None
    is_mismatch: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Units that are counted but not analysed."""

    n_crossover: int
    crossover_share: float
    n_merged: int
    n_forced: int
    is_alarming: bool


@dataclass(frozen=True, slots=True)
class ExposurePoint:
    """Units reached so far, by variation key."""

    at: datetime
    n_units: dict[str, int]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """The primary metric at one snapshot: effect and always-valid interval as shares of control's value."""

    at: datetime
    variation: str
    effect: float
    interval: Range


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One step of one row of the page in one variation: how much of what reached the step before reached it."""

    row: str
    step: str
    variation: str
    n_units: int
    n_of: float
    n_reached: float
    rate: float | None


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """The primary metric among the units of one attribute's value; explored only."""

    attribute: str
    value: str
    variation: str
    n_units: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Triggered:
    """The same comparison among units whose variations really differ; no metrics where their split is a mismatch."""

    n_units: int
    share: float
    metrics: tuple[MetricLine, ...]
    sample_ratio: SampleRatio


@dataclass(frozen=True, slots=True)
class Joint:
    """A Thompson run over all its phases: the primary metric, always-valid; phases left out had a wrong split."""

    phases: tuple[int, ...]
    left_out: tuple[int, ...]
    n_units: int
    metric: MetricLine


@dataclass(frozen=True, slots=True)
class Preference:
    """Interleaving: whose items shoppers choose where both stand in one list."""

    first: str
    second: str
    n_units: int
    wins_first: int
    wins_second: int
    ties: int
    margin: float | None
    p_value: float | None
    finding: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and why."""

    outcome: str
    title: str
    reason: str
    variation: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of one phase of an experiment at one moment.

    `notice` says why nothing can be read yet; then `decision` is None. Phases are never pooled: `phases` lists all;
    `joint` compares the phases of a Thompson run within themselves and joins what they say.
    """

    key: str
    name: str
    design: str
    status: str
    is_simulated: bool
    made_at: datetime
    question: Question
    phase: PhaseLine | None
    phases: tuple[int, ...]
    notice: str
    variations: tuple[Variation, ...]
    as_of: datetime | None
    taken_at: datetime | None
    is_final: bool
    n_units: int
    decision: Decision | None = None
    cautions: tuple[str, ...] = ()
    left_out: LeftOut | None = None
    sample_ratio: SampleRatio | None = None
    metrics: tuple[MetricLine, ...] = ()
    preference: Preference | None = None
    exposures: tuple[ExposurePoint, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    funnel: tuple[FunnelLine, ...] = ()
    segments: tuple[SegmentLine, ...] = ()
    triggered: Triggered | None = None
    joint: Joint | None = None
    method: tuple[str, ...] = ()

    def of_role(self, role: str) -> tuple[MetricLine, ...]:
        """The metrics of one role, in order."""
        return tuple(metric for metric in self.metrics if metric.role == role)
