"""What earlier snapshots of a phase said: units reached and the primary metric, read column by column, never whole."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import JSONField, Value
from django.db.models.fields.json import KeyTransform

from experiments import analysis
from experiments.models import Phase, Snapshot
from experiments.report.values import ExposurePoint, HistoryLine, Range

# Newest snapshots that are looked at; older ones are thinned anyway.
MOST_SNAPSHOTS = 2000
# Fewer looks than this make no curve.
LEAST_DAYS = 4


@dataclass(frozen=True, slots=True)
class History:
    """Both curves, oldest first."""

    exposures: tuple[ExposurePoint, ...]
    lines: tuple[HistoryLine, ...]


def read_history(phase: Phase, metric: str, variations: Sequence[str]) -> History:
    """Units reached and the primary metric's always-valid interval at each snapshot.

    Args:
        phase: The one that is read.
        metric: Key of its primary metric; none gives no intervals.
        variations: Keys of the variations but control.

    Returns:
        Units at the end of each day, and a line a snapshot and variation; looks that could not answer are left out.
    """
    results = KeyTransform(metric, "results") if metric else Value(None, JSONField())
    found = (
        Snapshot.objects.filter(phase=phase)
        .order_by("-taken_at")
        .values_list("taken_at", "n_units", results)[:MOST_SNAPSHOTS]
    )
    rows = list(reversed(found))
    lines = [
        line
        for taken_at, _, result in rows
        for variation in variations
        if (line := _read_line(taken_at, variation, (result or {}).get(variation))) is not None
    ]
    exposures = _count_days(phase.started_at, [(at, n_units) for at, n_units, _ in rows])
    if rows and len(exposures) < LEAST_DAYS:
        exposures = _count_units(phase)
    return History(exposures, tuple(lines))


def _count_days(started_at: datetime, rows: Sequence[tuple[datetime, Mapping[str, int]]]) -> tuple[ExposurePoint, ...]:
    """The last count of each day, from nobody at the start on."""
    newest = {at.date(): ExposurePoint(at, dict(n_units)) for at, n_units in rows}
    return _start(started_at, tuple(newest.values()))


def _count_units(phase: Phase) -> tuple[ExposurePoint, ...]:
    """The same from the totals' own dates, for a phase that was looked at too seldom to draw a curve."""
    reached: dict[str, int] = {}
    points: dict[date, ExposurePoint] = {}
    for day in analysis.count_exposures(phase.pk):
        reached[day.variation] = reached.get(day.variation, 0) + day.n_units
        end = datetime.combine(day.day + timedelta(days=1), time(), UTC)
        points[day.day] = ExposurePoint(end, dict(reached))
    return _start(phase.started_at, tuple(points.values()))


def _start(started_at: datetime, points: Sequence[ExposurePoint]) -> tuple[ExposurePoint, ...]:
    keys = sorted({key for point in points for key in point.n_units})
    start = ExposurePoint(started_at, dict.fromkeys(keys, 0))
    return (start, *(point for point in points if point.at > started_at)) if points else ()


def _read_line(taken_at: datetime, variation: str, result: Mapping[str, Any] | None) -> HistoryLine | None:
    # The hybrid's own part of the level: a band without zero is a decision.
    effect = ((result or {}).get("hybrid") or {}).get("sequential") or {}
    interval, control = effect.get("interval") or {}, effect.get("control")
    edges = [effect.get("estimate"), interval.get("low"), interval.get("high"), control]
    if not all(isinstance(edge, int | float) and math.isfinite(edge) for edge in edges) or not control:
        return None
    scale = abs(control)
    return HistoryLine(
        at=taken_at,
        variation=variation,
        effect=effect["estimate"] / scale,
        interval=Range(interval["low"] / scale, interval["high"] / scale),
    )
