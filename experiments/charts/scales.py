"""PURE scales: from values to percentages of an axis, and the round numbers that stand beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# What a person reads as round: one, two, two and a half or five times a power of ten.
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
# Steps of a time axis in hours: from an hour to a year.
HOURS = (1, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 2688, 8736)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, `position` in percent of it."""

    label: str
    position: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from `low` to `high`."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Percent of the axis, 0..100; values outside end at its edge."""
        if self.high <= self.low:
            return 50.0
        share = (value - self.low) / (self.high - self.low)
        return round(100.0 * min(1.0, max(0.0, share)), 3)

    def holds(self, value: float) -> bool:
        """Whether the value lies on the axis."""
        return self.low <= value <= self.high


def fit_scale(values: Sequence[float], *, n_ticks: int = 4, with_zero: bool = True) -> tuple[Scale, list[float]]:
    """A scale from round number to round number that holds all values, and its ticks.

    Args:
        values: Finite; none at all give the scale 0..1.
        n_ticks: About how many intervals to draw.
        with_zero: Whether zero must be on it.

    Returns:
        The scale, and its round numbers in rising order, both ends included.
    """
    held = [*values, 0.0] if with_zero or not values else list(values)
    low, high = min(held), max(held)
    if high <= low:
        low, high = (low, low + 1.0) if low >= 0 else (low - 1.0, low)
    step = _find_step((high - low) / n_ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [place * step for place in range(first, last + 1)]
    return Scale(ticks[0], ticks[-1]), ticks


def label_ticks(scale: Scale, values: Sequence[float], write: Callable[[float], str]) -> tuple[Tick, ...]:
    """Ticks at these values in the words of `write`."""
    return tuple(Tick(write(value), scale.place(value)) for value in values)


def fit_times(first: datetime, last: datetime, *, n_ticks: int = 4) -> tuple[Scale, tuple[Tick, ...]]:
    """A scale in seconds since 1970 over exactly this span, and at most `n_ticks` + 1 ticks on round hours or days.

    Args:
        first: Aware.
        last: Aware, not before `first`.
        n_ticks: The most intervals to draw.
    """
    start, end = first.timestamp(), max(last.timestamp(), first.timestamp() + 3600.0)
    scale = Scale(start, end)
    span_hours = (end - start) / 3600.0
    hours = next((step for step in HOURS if span_hours / step <= n_ticks), HOURS[-1])
    midnight = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    step, at, ticks = timedelta(hours=hours), midnight, []
    while at.timestamp() <= end:
        if at.timestamp() >= start:
            ticks.append(Tick(write_time(at, with_hours=hours < 24), scale.place(at.timestamp())))
        at += step
    return scale, tuple(ticks)


def write_time(at: datetime, *, with_hours: bool = False) -> str:
    """A day ("3 Nov"), or an hour ("15:00") where the span is short."""
    return f"{at:%H:%M}" if with_hours else f"{at.day} {at:%b}"


def _find_step(least: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))
