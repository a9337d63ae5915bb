"""Pure geometry of the room's drawings: interval bars, a share of a whole, and who was live when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, log10

# Where an interval is so narrow that its two ends would be one line.
NARROWEST = 0.4
NICE_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and the ends of its 95% interval; no ends where it has none."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def top(self) -> float:
        return self.value if self.high is None else max(self.value, self.high)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in percent of the drawing's width: from 0 to `end`, and its interval from `low` to `high`."""

    end: float
    low: float | None = None
    high: float | None = None

    @property
    def reach(self) -> float | None:
        return None if self.low is None or self.high is None else round(self.high - self.low, 2)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One part of a timeline, in percent of its width."""

    tone: str
    start: float
    width: float
    label: str


def nice_ceiling(figures: Sequence[Figure]) -> float:
    """Return the end of an axis that holds every figure and reads well, such as 0.15, 0.2 or 6."""
    top = max((figure.top for figure in figures), default=0.0)
    if top <= 0:
        return 1.0
    power = 10.0 ** floor(log10(top))
    return float(next((power * step for step in NICE_STEPS if power * step >= top), power * 10))


def draw_bar(figure: Figure, ceiling: float) -> Bar:
    """Return a figure's bar on an axis from 0 to `ceiling`."""
    if figure.low is None or figure.high is None:
        return Bar(_percent(figure.value, ceiling))
    low, high = _percent(figure.low, ceiling), _percent(figure.high, ceiling)
    if high - low < NARROWEST:
        middle = (low + high) / 2
        low, high = round(middle - NARROWEST / 2, 2), round(middle + NARROWEST / 2, 2)
    return Bar(_percent(figure.value, ceiling), low, high)


def draw_stretches(moves: Sequence[tuple[datetime, str, str]], until: datetime) -> tuple[Stretch, ...]:
    """Return who was live from each move to the next, and from the last one to `until`.

    Args:
        moves: (when, tone, label), oldest first.
        until: the drawing's right end.
    """
    if not moves:
        return ()
    begin = moves[0][0]
    whole_s = (until - begin).total_seconds()
    if whole_s <= 0:
        return (Stretch(moves[-1][1], 0.0, 100.0, moves[-1][2]),)
    edges = [min(100.0, max(0.0, _percent((at - begin).total_seconds(), whole_s))) for at, _, _ in moves] + [100.0]
    return tuple(
        Stretch(tone, edges[place], round(edges[place + 1] - edges[place], 2), label)
        for place, (_, tone, label) in enumerate(moves)
    )


def _percent(value: float, whole: float) -> float:
    return round(100.0 * min(1.0, max(0.0, value / whole)), 2)
