"""PURE the chart of what a product sold for: its spans of time, and a line of prices with its area, ticks and words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import stdev
from typing import Protocol

from experiments.charts.lines import flip, thin
from experiments.charts.scales import Scale, Tick, fit_scale, label_ticks
from storefront.chart_word import Spot, find_spot

# The plot's own units, which are stretched to whatever width there is.
UNITS = 1000
# More marks than this would cover the line.
MOST_DOTS = 60
MOST_ROWS = 400
MOST_INTERVALS = 5


class Point(Protocol):
    """One day with sales (UTC): the median, lowest and highest price in minor units."""

    @property
    def day(self) -> date: ...
    @property
    def median_cents(self) -> int: ...
    @property
    def low_cents(self) -> int: ...
    @property
    def high_cents(self) -> int: ...
    @property
    def n_sales(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a chart shows, up to today: `days` is None for all there is."""

    key: str
    label: str
    words: str
    days: int | None


SPANS = (
    Span("1m", "1M", "the last month", 30),
    Span("3m", "3M", "the last three months", 91),
    Span("6m", "6M", "the last six months", 182),
    Span("1y", "1Y", "the last year", 365),
    Span("all", "All", "all time", None),
)
ALL = SPANS[-1]
FEWEST_POINTS = 2
FEWEST_PRICES = 3


@dataclass(frozen=True, slots=True)
class Dot:
    """One day's mark in percent of the plot, and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """A straight line across the plot, `y` in percent from the top; without `spot` its word stands outside."""

    y: float
    label: str
    spot: Spot | None


@dataclass(frozen=True, slots=True)
class PriceChart:
    """Everything that the template draws; the numbers themselves are `points`, the latest first."""

    description: str
    line: str
    area: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    retail: Level | None
    points: tuple[Point, ...]
    n_sales: int
    low_cents: int
    high_cents: int
    change_share: float
    volatility_share: float | None


def choose_span(key: str, points: Sequence[Point], today: date) -> Span:
    """The span asked for; where none is, or an unknown one, the shortest from a year on that has a line to show.

    Args:
        key: what the address says, may be empty.
        points: all there are, the earliest first.
        today: the world's, in UTC.
    """
    asked = next((span for span in SPANS if span.key == key), None)
    if asked is not None:
        return asked
    year = next(span for span in SPANS if span.key == "1y")
    return year if len(within(year, points, today)) >= FEWEST_POINTS else ALL


def within(span: Span, points: Sequence[Point], today: date) -> list[Point]:
    """The points of a span that ends today."""
    if span.days is None:
        return list(points)
    first = today - timedelta(days=span.days)
    return [point for point in points if first <= point.day <= today]


def draw_prices(
    points: Sequence[Point], *, write_price: Callable[[int], str], retail_cents: int | None = None
) -> PriceChart | None:
    """The chart of some days' prices.

    Args:
        points: the earliest first.
        write_price: minor units -> a price tag.
        retail_cents: drawn as a level where it lies on the axis.

    Returns:
        The chart; None where fewer than two days had sales, because a line needs two points.
    """
    if len(points) < FEWEST_POINTS:
        return None
    low, high = min(point.low_cents for point in points), max(point.high_cents for point in points)
    y, y_values = fit_scale([low / 100, high / 100], with_zero=False)
    x = Scale(_seconds(points[0].day), _seconds(points[-1].day))
    places = [(x.place(_seconds(point.day)), 100.0 - y.place(point.median_cents / 100)) for point in points]
    line = _write(places)
    ends = f"{places[-1][0] * UNITS / 100:.1f},{UNITS} {places[0][0] * UNITS / 100:.1f},{UNITS}"
    first, last = points[0], points[-1]
    return PriceChart(
        description=_describe(points, low, high, write_price),
        line=line,
        area=f"{line} {ends}",
        dots=_dots(points, places, write_price),
        x_ticks=month_ticks(first.day, last.day, x),
        y_ticks=flip(label_ticks(y, y_values, lambda value: write_price(round(value * 100)))),
        retail=_level(retail_cents, y, places, write_price),
        points=tuple(reversed(points))[:MOST_ROWS],
        n_sales=sum(point.n_sales for point in points),
        low_cents=low,
        high_cents=high,
        change_share=last.median_cents / first.median_cents - 1.0,
        volatility_share=measure_volatility([point.median_cents for point in points]),
    )


def measure_volatility(prices: Sequence[int]) -> float | None:
    """How much a price jumps from one day with sales to the next, as a share of it.

    Args:
        prices: above 0, the earliest first.

    Returns:
        The standard deviation of the logarithmic changes; None for fewer than three prices, which have no spread.

    Source: historical volatility, Hull, Options, Futures and Other Derivatives, section "Estimating volatility from
    historical data", not scaled to a year.
    """
    if len(prices) < FEWEST_PRICES:
        return None
    return stdev(math.log(after / before) for before, after in pairwise(prices))


def month_ticks(first: date, last: date, x: Scale) -> tuple[Tick, ...]:
    """At most six places on the time axis: first days of months, or round days where no two months begin.

    Args:
        first, last: the axis' ends.
        x: the axis, in seconds since 1970.
    """
    months = [day for day in _month_starts(first, last) if first <= day <= last]
    if len(months) < FEWEST_POINTS:
        n_days = (last - first).days
        step = max(1, -(-n_days // MOST_INTERVALS))
        days = [first + timedelta(days=each) for each in range(0, n_days + 1, step)]
        return tuple(Tick(f"{day.day} {day:%b}", x.place(_seconds(day))) for day in days)
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 600) if len(months) / step <= MOST_INTERVALS)
    kept = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
    return tuple(Tick(f"{day:%b %Y}" if _is_long(first, last) else f"{day:%b}", x.place(_seconds(day))) for day in kept)


def _month_starts(first: date, last: date) -> list[date]:
    n_months = (last.year - first.year) * 12 + last.month - first.month + 1
    counted = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + n_months)
    return [date(month // 12, month % 12 + 1, 1) for month in counted]


def _is_long(first: date, last: date) -> bool:
    """Whether months need their year beside them."""
    return first.year != last.year


def _dots(
    points: Sequence[Point], places: Sequence[tuple[float, float]], write_price: Callable[[int], str]
) -> tuple[Dot, ...]:
    kept = thin(points, MOST_DOTS)
    return tuple(Dot(*places[index], words=_say(points[index], write_price)) for index in kept)


def _say(point: Point, write_price: Callable[[int], str]) -> str:
    sales = "1 sale" if point.n_sales == 1 else f"{point.n_sales} sales"
    return f"{point.day.day} {point.day:%b %Y}: {write_price(point.median_cents)}, {sales}"


def _describe(points: Sequence[Point], low: int, high: int, write_price: Callable[[int], str]) -> str:
    first, last = points[0], points[-1]
    return (
        f"From {write_price(first.median_cents)} on {first.day.day} {first.day:%B %Y} "
        f"to {write_price(last.median_cents)} on {last.day.day} {last.day:%B %Y}, "
        f"between {write_price(low)} and {write_price(high)}."
    )


def _level(
    cents: int | None, y: Scale, places: Sequence[tuple[float, float]], write_price: Callable[[int], str]
) -> Level | None:
    if cents is None or not y.holds(cents / 100):
        return None
    down, word = 100.0 - y.place(cents / 100), f"Retail {write_price(cents)}"
    return Level(down, word, find_spot(places, down, word))


def _write(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{right * UNITS / 100:.1f},{down * UNITS / 100:.1f}" for right, down in places)


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
