"""One report as the results page shows it: groups of lines, charts and facts in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.admin.results.facts import (
    Asked,
    Fact,
    PreferenceBar,
    draw_preference,
    list_facts,
    write_joint,
    write_question,
    write_triggered,
    write_triggered_fault,
)
from experiments.admin.results.lines import Group, ShownComparison, ShownMetric, find_axis, show_comparison, show_metric
from experiments.charts.exposures import draw_exposures
from experiments.charts.history import HistoryPoint, draw_history
from experiments.charts.intervals import IntervalAxis
from experiments.charts.lines import LineChart
from experiments.formats import write_count, write_share
from experiments.report.readings import find_metric_line
from experiments.report.values import Comparison, FunnelLine, MetricLine, Report
from experiments.stats import split_alpha

# Outcome -> (tone, mark) of the verdict's banner.
TONES = {
    "ship": "good",
    "preferred": "good",
    "no difference": "good",
    "do not ship": "bad",
    "not preferred": "bad",
    "invalid": "warn",
    "keep running": "wait",
    "no preference": "wait",
}
GROUPS = (
    ("success", "What decides", "Corrected by Holm where there are several."),
    ("guardrail", "Guardrails", "Must be shown to stay within their margin, drawn as a dashed line."),
    ("exploratory", "Explored", "Corrected by Benjamini-Hochberg; they decide nothing."),
)


@dataclass(frozen=True, slots=True)
class FunnelCell:
    """One step in one variation; `width` is percent of the step's widest bar."""

    variation: str
    tone: str
    reached: str
    of: str
    rate: str
    width: float


@dataclass(frozen=True, slots=True)
class FunnelStep:
    name: str
    cells: tuple[FunnelCell, ...]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One row of the page, step by step."""

    name: str
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """The primary metric in one segment."""

    label: str
    n_units: str
    found: ShownComparison


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template needs, beside the report itself."""

    tone: str
    facts: tuple[Fact, ...]
    groups: tuple[Group, ...]
    axis: IntervalAxis
    exposures: LineChart | None
    histories: tuple[LineChart, ...]
    funnel: tuple[FunnelRow, ...]
    segments: tuple[SegmentRow, ...]
    segment_axis: IntervalAxis
    triggered: tuple[Group, ...]
    joint: ShownMetric | None
    joint_axis: IntervalAxis
    joint_note: str
    joint_level: str
    metric_name: str
    control_name: str
    # The only variation beside control, where there is one.
    single_name: str
    level: str
    asked: Asked
    preference: PreferenceBar | None
    headline: ShownComparison | None
    triggered_note: str
    triggered_fault: str
    has_chance: bool
    has_covariate: bool


def show_page(report: Report) -> Page:
    """The page of a report."""
    names = {variation.key: variation.name for variation in report.variations}
    tones = {variation.key: variation.tone for variation in report.variations}
    axis = find_axis(report.metrics)
    groups = tuple(
        Group(title, note, tuple(show_metric(metric, axis, names, tones) for metric in report.of_role(role)))
        for role, title, note in GROUPS
        if report.of_role(role)
    )
    primary = find_metric_line(report.metrics, report.question.metric)
    found = [comparison for group in groups for metric in group.metrics for comparison in metric.comparisons]
    joint_axis = find_axis((report.joint.metric,) if report.joint else ())
    segments, segment_axis = _show_segments(report, primary)
    others = [each for each in report.variations if not each.is_control]
    return Page(
        tone=TONES.get(report.decision.outcome, "wait") if report.decision else "wait",
        facts=list_facts(report),
        groups=groups,
        axis=axis,
        exposures=_draw_exposures(report),
        histories=_draw_histories(report, primary),
        funnel=_show_funnel(report),
        segments=segments,
        segment_axis=segment_axis,
        triggered=_show_triggered(report),
        joint=show_metric(report.joint.metric, joint_axis, names, tones) if report.joint else None,
        joint_axis=joint_axis,
        joint_note=write_joint(report),
        joint_level=_find_level((report.joint.metric,)) if report.joint else "",
        metric_name=primary.name if primary else report.question.metric,
        control_name=next((each.name for each in report.variations if each.is_control), "control"),
        single_name=others[0].name if len(others) == 1 else "",
        level=_find_level(report.metrics),
        asked=write_question(report),
        preference=draw_preference(report.preference) if report.preference else None,
        headline=_find_headline(report, groups),
        triggered_note=write_triggered(report),
        triggered_fault=write_triggered_fault(report),
        has_chance=any(each.chance for each in found),
        has_covariate=any(each.adjusted for each in found),
    )


def _find_headline(report: Report, groups: tuple[Group, ...]) -> ShownComparison | None:
    """The primary metric's comparison of the variation that the verdict is about, else of the most promising one."""
    if not report.of_role("success"):
        return None
    named = report.decision.variation if report.decision else ""
    read = [each for each in groups[0].metrics[0].comparisons if each.shift]
    return next((each for each in read if each.variation == named), read[0] if read else None)


def _find_level(metrics: Sequence[MetricLine]) -> str:
    """The level of the intervals that are shown: the same for all of them."""
    shifts = (found.shift for metric in metrics for found in metric.comparisons)
    return next((f"{shift.level * 100:g}%" for shift in shifts if shift), "")


def _draw_exposures(report: Report) -> LineChart | None:
    counts = {each.name: [point.n_units.get(each.key, 0) for point in report.exposures] for each in report.variations}
    return draw_exposures(
        [point.at for point in report.exposures],
        counts,
        {each.name: each.tone for each in report.variations},
        planned_end_at=report.phase.planned_end_at if report.phase else None,
    )


def _draw_histories(report: Report, primary: MetricLine | None) -> tuple[LineChart, ...]:
    if primary is None:
        return ()
    charts = []
    for each in report.variations:
        points = [
            HistoryPoint(line.at, line.interval.low or 0.0, line.effect, line.interval.high or 0.0)
            for line in report.history
            if line.variation == each.key
        ]
        confidence = 1 - split_alpha(report.question.alpha)[0]
        chart = draw_history(points, metric=primary.name, variation=each.name, tone=each.tone, confidence=confidence)
        charts += [chart] if chart is not None else []
    return tuple(charts)


def _show_funnel(report: Report) -> tuple[FunnelRow, ...]:
    widest: dict[str, float] = {}
    for line in report.funnel:
        widest[line.step] = max(widest.get(line.step, 0.0), line.rate or 0.0)
    rows: dict[str, dict[str, list[FunnelCell]]] = {}
    for line in report.funnel:
        cell = _show_cell(report, line, widest[line.step])
        rows.setdefault(line.row, {}).setdefault(line.step, []).append(cell)
    return tuple(
        FunnelRow(name, tuple(FunnelStep(step, tuple(cells)) for step, cells in steps.items()))
        for name, steps in rows.items()
    )


def _show_cell(report: Report, line: FunnelLine, widest: float) -> FunnelCell:
    variation = next((each for each in report.variations if each.key == line.variation), None)
    return FunnelCell(
        variation=variation.name if variation else line.variation,
        tone=variation.tone if variation else "control",
        reached=write_count(line.n_reached),
        of=write_count(line.n_of),
        rate="" if line.rate is None else write_share(line.rate),
        width=round(100 * (line.rate or 0.0) / widest, 3) if widest else 0.0,
    )


def _show_segments(report: Report, primary: MetricLine | None) -> tuple[tuple[SegmentRow, ...], IntervalAxis]:
    names = {each.key: each.name for each in report.variations}
    tones = {each.key: each.tone for each in report.variations}
    if primary is None:
        return (), find_axis(())
    lines = [_narrow(primary, line.comparison) for line in report.segments]
    axis = find_axis(lines)
    return tuple(
        SegmentRow(
            label=f"{line.attribute}: {line.value}",
            n_units=write_count(line.n_units),
            found=show_comparison(metric, line.comparison, axis, names, tones),
        )
        for line, metric in zip(report.segments, lines, strict=True)
    ), axis


def _narrow(metric: MetricLine, comparison: Comparison) -> MetricLine:
    """The metric with this comparison alone, so that an axis can be found for parts of the units."""
    return replace(metric, comparisons=(comparison,), guardrails=())


def _show_triggered(report: Report) -> tuple[Group, ...]:
    if report.triggered is None:
        return ()
    names = {each.key: each.name for each in report.variations}
    tones = {each.key: each.tone for each in report.variations}
    axis = find_axis(report.metrics)
    metrics = tuple(show_metric(metric, axis, names, tones) for metric in report.triggered.metrics)
    return (Group("Triggered", "", metrics),) if metrics else ()
