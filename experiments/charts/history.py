"""PURE sequential history: the effect and its always-valid band as the data came in."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.charts.intervals import write_change
from experiments.charts.lines import LineChart, Rule, Table, draw_band, draw_series, flip, thin
from experiments.charts.scales import fit_scale, fit_times, label_ticks, write_time

MOST_POINTS = 120
MOST_ROWS = 30
# The first, widest bands would flatten all that follows: the axis holds a multiple of the typical reach.
TYPICAL_REACHES = 1.8


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """One snapshot's effect as a share of control's value, with its always-valid interval."""

    at: datetime
    low: float
    effect: float
    high: float


def draw_history(
    points: Sequence[HistoryPoint], *, metric: str, variation: str, tone: str, confidence: float
) -> LineChart | None:
    """The chart, or None with fewer than two snapshots.

    Args:
        points: In the order of time.
        metric: The metric's name.
        variation: The variation's name.
        tone: Its class in the stylesheet.
        confidence: Level of the band, 0..1.
    """
    if len(points) < 2:
        return None
    kept = [points[place] for place in thin(points, MOST_POINTS)]
    x, x_ticks = fit_times(kept[0].at, kept[-1].at)
    typical = statistics.median(max(abs(point.low), abs(point.high)) for point in kept)
    last = kept[-1]
    most = max(typical * TYPICAL_REACHES, *(abs(point.effect) for point in kept), abs(last.low), abs(last.high))
    held = [edge for point in kept for edge in (point.low, point.effect, point.high) if abs(edge) <= most]
    y, y_values = fit_scale(held)
    times = [point.at.timestamp() for point in kept]
    edges = [(at, point.low, point.high) for at, point in zip(times, kept, strict=True)]
    effects = [(at, point.effect) for at, point in zip(times, kept, strict=True)]
    return LineChart(
        key="history",
        title=f"{metric}, day by day",
        description=(
            f"Change of {metric} in {variation} against control over {len(points)} snapshots, last {_describe(last)} "
            f"({confidence:.4g} always-valid)."
        ),
        x_label="",
        y_label="",
        x_ticks=x_ticks,
        y_ticks=flip(label_ticks(y, y_values, write_change)),
        series=(draw_series(variation, tone, x, y, effects),),
        bands=(draw_band(f"{confidence * 100:g}% always-valid", tone, x, y, edges),),
        rules=(Rule("", 100.0 - y.place(0.0), is_vertical=False, is_strong=True),),
        table=_tabulate(kept),
    )


def _describe(point: HistoryPoint) -> str:
    return f"{write_change(point.effect)} from {write_change(point.low)} to {write_change(point.high)}"


def _tabulate(points: Sequence[HistoryPoint]) -> Table:
    chosen = [points[place] for place in thin(points, MOST_ROWS)]
    rows = tuple(
        (
            f"{write_time(point.at)}, {point.at:%H:%M}",
            write_change(point.effect),
            f"{write_change(point.low)} to {write_change(point.high)}",
        )
        for point in chosen
    )
    return Table(("Snapshot", "Change", "Always-valid interval"), rows)
