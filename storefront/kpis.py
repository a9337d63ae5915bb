"""The figures on the admin's front page: rates of the last minutes, shares, lag and age, each with its last hour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from recommendations import monitoring
from recommendations.alarms.watch import MODEL_AGE_H, STREAM_LAG
from recommendations.events import pulse
from recommendations.events.schema import EVENT_TYPES
from recommendations.serving.fallback import Rung

MINUTES = 60
# A rate is that of the last full minutes, a share that of the last ten: one minute's few pages say little.
RATE_MINUTES = 5
SHARE_MINUTES = 10
WIDTH, HEIGHT, MARGIN = 120.0, 32.0, 2.0

Minute = Mapping[str, float]
Read = Callable[[Minute], float | None]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One tile: a name, a figure in words, a remark, and the points of its last hour's line."""

    name: str
    figure: str
    remark: str
    line: str
    words: str


def read_kpis() -> list[Kpi]:
    """The tiles, in order; none while Valkey is out of reach."""
    try:
        minutes = pulse.last_minutes(MINUTES)
    except (RedisError, OSError):
        return []
    return kpis_of(minutes)


def kpis_of(minutes: Sequence[Minute]) -> list[Kpi]:
    """The tiles of an hour.

    Args:
        minutes: oldest first, the one under way last; it counts for gauges only.
    """
    full = minutes[:-1]
    return [
        _rate("Page views", full, lambda minute: minute.get(monitoring.PAGES, 0.0)),
        _rate("Events", full, _events, remark=_by_type(full[-RATE_MINUTES:])),
        _rate("Impressions", full, lambda minute: minute.get(monitoring.EVENT + "impression", 0.0)),
        _rate("Refused events", full, lambda minute: minute.get(monitoring.REFUSED, 0.0), remark="dropped and counted"),
        _share("Personal second rows", full, _second_rows, _personal_rows, remark="of homepages"),
        _share("Fallback", full, _answers, _fallbacks, remark="of personal rows"),
        _gauge("Stream lag", minutes, STREAM_LAG, "{:,.0f}", "entries the slowest group must do"),
        _gauge("Live model's age", minutes, MODEL_AGE_H, "{:,.1f} h", "since it was trained"),
    ]


def sparkline(values: Sequence[float | None]) -> str:
    """The points of an SVG polyline, from left to right and 0 at the bottom; what is missing leaves no point.

    Args:
        values: one for each minute.
    """
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    points = []
    for number, value in enumerate(values):
        if value is not None:
            points.append(f"{MARGIN + number * step:.1f},{HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN):.1f}")
    return " ".join(points)


def _rate(name: str, full: Sequence[Minute], read: Callable[[Minute], float], *, remark: str = "") -> Kpi:
    values = [read(minute) for minute in full]
    recent = values[-RATE_MINUTES:]
    figure = sum(recent) / len(recent) if recent else 0.0
    told = f"{figure:,.0f}" if figure >= 10 or figure == 0 else f"{figure:.1f}"
    return Kpi(name, f"{told}/min", remark, sparkline(values), f"{max(values, default=0):,.0f} in the busiest minute")


def _share(name: str, full: Sequence[Minute], whole: Read, part: Read, *, remark: str) -> Kpi:
    values = [_divided(part(minute), whole(minute)) for minute in full]
    recent = full[-SHARE_MINUTES:]
    share = _divided(sum(part(minute) or 0.0 for minute in recent), sum(whole(minute) or 0.0 for minute in recent))
    figure = "–" if share is None else f"{share:.0%}"
    highest = max((value for value in values if value is not None), default=None)
    words = "nothing in the last hour" if highest is None else f"{highest:.0%} in the highest minute"
    return Kpi(name, figure, remark, sparkline(values), words)


def _gauge(name: str, minutes: Sequence[Minute], key: str, form: str, remark: str) -> Kpi:
    values = [minute.get(key) for minute in minutes]
    known = [value for value in values if value is not None]
    figure = form.format(known[-1]) if known else "–"
    words = f"{form.format(max(known))} at most" if known else "not measured in the last hour"
    return Kpi(name, figure, remark, sparkline(values), words)


def _events(minute: Minute) -> float:
    return sum(minute.get(monitoring.EVENT + event_type, 0.0) for event_type in EVENT_TYPES)


def _by_type(minutes: Sequence[Minute]) -> str:
    """The rates by type, busiest first."""
    rates = {
        event_type: sum(minute.get(monitoring.EVENT + event_type, 0.0) for minute in minutes) / max(1, len(minutes))
        for event_type in EVENT_TYPES
    }
    busy = sorted((item for item in rates.items() if item[1] > 0), key=lambda item: -item[1])
    return ", ".join(f"{event_type.replace('_', ' ')} {rate:.3g}" for event_type, rate in busy)


def _second_rows(minute: Minute) -> float:
    return sum(n for name, n in minute.items() if name.startswith(monitoring.SECOND_ROW))


def _personal_rows(minute: Minute) -> float:
    """Second rows that are personal: those of the recommended kind, less what lower rungs answered."""
    return max(0.0, minute.get(monitoring.SECOND_ROW + "recommended", 0.0) - _fallbacks(minute))


def _answers(minute: Minute) -> float:
    return sum(n for name, n in minute.items() if name.startswith(monitoring.ANSWER))


def _fallbacks(minute: Minute) -> float:
    return _answers(minute) - minute.get(monitoring.ANSWER + Rung.PERSONAL, 0.0)


def _divided(part: float | None, whole: float | None) -> float | None:
    return None if not whole or part is None else part / whole
