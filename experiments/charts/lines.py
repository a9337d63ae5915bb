"""PURE geometry of line charts: series, bands and rules over one pair of axes."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.charts.scales import Scale, Tick

# The plot's own units for lines and bands, which are stretched to whatever width there is.
UNITS = 1000


@dataclass(frozen=True, slots=True)
class Series:
    """One line: `points` as SVG wants them, and the place of its last point in percent."""

    name: str
    tone: str
    points: str
    last_x: float
    last_y: float


@dataclass(frozen=True, slots=True)
class Band:
    """A filled area between a lower and an upper line."""

    name: str
    tone: str
    points: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line across the plot at `position` percent of its axis, with a word beside it."""

    label: str
    position: float
    is_vertical: bool
    is_strong: bool = False

    @property
    def anchor(self) -> str:
        """Which side of a vertical line its word stands on, so that it stays inside the plot."""
        return "end" if self.position > 50 else "start"


@dataclass(frozen=True, slots=True)
class Table:
    """The chart's numbers for whoever cannot or will not read a picture."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything that the template draws; `description` says in words what the picture shows."""

    key: str
    title: str
    description: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    bands: tuple[Band, ...]
    rules: tuple[Rule, ...]
    table: Table


def draw_series(name: str, tone: str, x: Scale, y: Scale, points: Sequence[tuple[float, float]]) -> Series:
    """A line through the points, in order.

    Args:
        name: For the legend.
        tone: Its class in the stylesheet.
        x: The horizontal axis.
        y: The vertical axis, upwards.
        points: At least one (x, y).
    """
    last_x, last_y = points[-1]
    return Series(name, tone, _write(x, y, points), x.place(last_x), 100.0 - y.place(last_y))


def draw_band(name: str, tone: str, x: Scale, y: Scale, edges: Sequence[tuple[float, float, float]]) -> Band:
    """The area between two lines.

    Args:
        name: For the legend.
        tone: Its class in the stylesheet.
        x: The horizontal axis.
        y: The vertical axis, upwards; what lies outside ends at its edge.
        edges: At least one (x, low, high).
    """
    lower = [(at, low) for at, low, _ in edges]
    upper = [(at, high) for at, _, high in reversed(edges)]
    return Band(name, tone, f"{_write(x, y, lower)} {_write(x, y, upper)}")


def flip(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Ticks of a vertical axis, counted from the top as SVG does."""
    return tuple(Tick(tick.label, 100.0 - tick.position) for tick in ticks)


def thin(rows: Sequence[object], most: int) -> list[int]:
    """Indices of at most `most` rows, evenly spread, first and last among them."""
    if len(rows) <= most:
        return list(range(len(rows)))
    return sorted({round(place * (len(rows) - 1) / (most - 1)) for place in range(most)})


def _write(x: Scale, y: Scale, points: Sequence[tuple[float, float]]) -> str:
    scaled = ((x.place(at) * UNITS / 100, (100.0 - y.place(value)) * UNITS / 100) for at, value in points)
    return " ".join(f"{right:.1f},{down:.1f}" for right, down in scaled)
