"""PURE geometry of the interval plot: every metric's interval against one axis of change."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.charts.scales import Scale, Tick, fit_scale, label_ticks

# Beyond a doubling or a halving the axis would hide every other metric: such an interval ends in an arrow.
WIDEST = 1.0
NARROWEST = 0.01


@dataclass(frozen=True, slots=True)
class Interval:
    """One metric's change as shares of control's value; `margin` is a guardrail's limit, signed."""

    name: str
    low: float
    point: float
    high: float
    tone: str
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnInterval:
    """Places in percent of the plot's width."""

    name: str
    tone: str
    low: float
    point: float
    high: float
    is_cut_low: bool
    is_cut_high: bool
    margin: float | None

    @property
    def width(self) -> float:
        return max(0.0, self.high - self.low)


@dataclass(frozen=True, slots=True)
class IntervalAxis:
    """The axis that all intervals of a page share."""

    scale: Scale
    ticks: tuple[Tick, ...]

    @property
    def zero(self) -> float:
        """Where no change lies, in percent."""
        return self.scale.place(0.0)

    def draw(self, interval: Interval) -> DrawnInterval:
        """One interval on this axis."""
        place = self.scale.place
        margin = interval.margin
        return DrawnInterval(
            name=interval.name,
            tone=interval.tone,
            low=place(interval.low),
            point=place(interval.point),
            high=place(interval.high),
            is_cut_low=interval.low < self.scale.low,
            is_cut_high=interval.high > self.scale.high,
            margin=place(margin) if margin is not None and self.scale.holds(margin) else None,
        )


def fit_axis(intervals: Sequence[Interval]) -> IntervalAxis:
    """An axis symmetric about no change that holds all intervals, as far as they stay within a doubling."""
    reach = [abs(edge) for interval in intervals for edge in (interval.low, interval.high, interval.margin or 0.0)]
    widest = min(WIDEST, max([*reach, NARROWEST]))
    scale, values = fit_scale([-widest, widest], n_ticks=4)
    return IntervalAxis(scale, label_ticks(scale, values, write_change))


def write_change(share: float) -> str:
    """A change in percent with its sign: 0.05 is "+5%", and no change is "0"."""
    percent = share * 100
    if abs(percent) < 0.0005:
        return "0"
    digits = 0 if abs(percent) >= 9.995 or abs(percent - round(percent)) < 0.005 else 1
    if abs(percent) < 0.1:
        digits = 2
    return f"{'+' if percent > 0 else '−'}{abs(percent):.{digits}f}%"
