"""Metric lines as the results page draws them: figures written, intervals placed on one axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.charts.intervals import DrawnInterval, Interval, IntervalAxis, fit_axis
from experiments.formats import write_chance, write_difference, write_p, write_range, write_relative, write_value
from experiments.report.values import Comparison, GuardrailState, MetricLine, Range, Shift

FINDINGS = {"better": ("Better", "good"), "worse": ("Worse", "bad"), "undecided": ("Not decided", "quiet")}
GUARDS = {"safe": ("Holds", "good"), "harmed": ("Harmed", "bad"), "open": ("Not shown yet", "quiet")}
NO_READING = ("No reading", "quiet")
# Explored intervals may widen the axis to so many times the decisive ones.
EXPLORED_REACH = 1.5
SHORT = {"Benjamini-Hochberg": "BH"}


@dataclass(frozen=True, slots=True)
class ShownShift:
    """One estimate in words."""

    change: str
    interval: str
    relative: str
    relative_interval: str
    level: str
    p_value: str


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """One variation against control, written and drawn."""

    variation: str
    tone: str
    control: str
    treatment: str
    shift: ShownShift | None
    adjusted: ShownShift | None
    variance_cut: str
    drawn: DrawnInterval | None
    word: str
    word_tone: str
    corrected: str
    chance: str
    margin: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownMetric:
    """One metric's line."""

    key: str
    name: str
    description: str
    window: str
    lower_is_better: bool
    comparisons: tuple[ShownComparison, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics of one role under one heading."""

    title: str
    note: str
    metrics: tuple[ShownMetric, ...]


def find_axis(metrics: Sequence[MetricLine]) -> IntervalAxis:
    """The axis that all lines of a table share: it follows what decides, and lets wider explored ones end in arrows."""
    placed = [
        (metric.role, interval)
        for metric in metrics
        for found in metric.comparisons
        if (interval := _place(metric, found))
    ]
    decisive = [interval for role, interval in placed if role != "exploratory"]
    if not decisive:
        return fit_axis([interval for _, interval in placed])
    reach = EXPLORED_REACH * max(max(abs(each.low), abs(each.high), abs(each.margin or 0.0)) for each in decisive)
    explored = [
        replace(interval, low=max(-reach, interval.low), high=min(reach, interval.high))
        for role, interval in placed
        if role == "exploratory"
    ]
    return fit_axis([*decisive, *explored])


def show_metric(
    metric: MetricLine, axis: IntervalAxis, names: Mapping[str, str], tones: Mapping[str, str]
) -> ShownMetric:
    """A metric's line on the given axis."""
    return ShownMetric(
        key=metric.key,
        name=metric.name,
        description=metric.description,
        window=f"{metric.window_days} days from first exposure" if metric.window_days else "",
        lower_is_better=not metric.higher_is_better,
        comparisons=tuple(show_comparison(metric, found, axis, names, tones) for found in metric.comparisons),
    )


def show_comparison(
    metric: MetricLine, found: Comparison, axis: IntervalAxis, names: Mapping[str, str], tones: Mapping[str, str]
) -> ShownComparison:
    """One comparison of a metric on the given axis."""
    guard = _find_guard(metric, found)
    word, word_tone = GUARDS[guard.state] if guard else FINDINGS.get(found.finding, NO_READING)
    if found.shift is None:
        word, word_tone = NO_READING
    interval = _place(metric, found)
    return ShownComparison(
        variation=names.get(found.variation, found.variation),
        tone=tones.get(found.variation, "featured-0"),
        control="" if found.control is None else write_value(found.control, metric.unit),
        treatment="" if found.treatment is None else write_value(found.treatment, metric.unit),
        shift=show_shift(found.shift, metric.unit),
        adjusted=show_shift(found.adjusted, metric.unit),
        variance_cut="" if found.variance_cut is None else f"{found.variance_cut:.0%}",
        drawn=axis.draw(interval) if interval else None,
        word=word,
        word_tone=word_tone,
        corrected=_write_safety(guard)
        if guard
        else f"{SHORT.get(found.correction, found.correction)} p {write_p(found.corrected_p)}"
        if found.correction and found.corrected_p is not None
        else "",
        chance="" if found.chance_to_beat is None else write_chance(found.chance_to_beat),
        margin=_write_margin(metric, guard) if guard else "",
        reason=found.reason,
    )


def show_shift(shift: Shift | None, unit: str) -> ShownShift | None:
    """An estimate in words."""
    if shift is None:
        return None
    relative = shift.relative_interval or Range(None, None)
    written = write_difference(shift.estimate, shift.interval.low, shift.interval.high, unit)
    return ShownShift(
        change=written.change,
        interval=written.interval,
        relative="" if shift.relative is None else write_relative(shift.relative),
        relative_interval=write_range(relative.low, relative.high, write_relative),
        level=f"{shift.level * 100:g}%",
        p_value=write_p(shift.p_value),
    )


def _find_guard(metric: MetricLine, found: Comparison) -> GuardrailState | None:
    return next((guard for guard in metric.guardrails if guard.variation == found.variation), None)


def _place(metric: MetricLine, found: Comparison) -> Interval | None:
    """The absolute interval over control's value: so the picture agrees with the decision."""
    shift = found.shift
    if shift is None or shift.share is None or shift.share_interval is None:
        return None
    low, high = shift.share_interval.low, shift.share_interval.high
    if low is None or high is None:
        return None
    guard = _find_guard(metric, found)
    _, tone = GUARDS[guard.state] if guard else FINDINGS.get(found.finding, NO_READING)
    margin = None
    if guard is not None:
        margin = -guard.margin if metric.higher_is_better else guard.margin
    return Interval(metric.name, low, shift.share, high, tone, margin)


def _write_safety(guard: GuardrailState) -> str:
    """The p-value of what a guardrail asks: is it worse by its limit or more?"""
    return "" if guard.p_safe is None else f"within limit p {write_p(guard.p_safe)}"


def _write_margin(metric: MetricLine, guard: GuardrailState) -> str:
    signed = -guard.margin if metric.higher_is_better else guard.margin
    return f"limit {write_relative(signed)}"
