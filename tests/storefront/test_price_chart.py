import math
import statistics
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.charts.scales import Scale
from storefront.chart_word import box_of
from storefront.price_chart import SPANS, choose_span, draw_prices, measure_volatility, month_ticks, within

TODAY = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    median_cents: int
    low_cents: int
    high_cents: int
    n_sales: int = 1


def at(days_ago: int, cents: int, *, low: int | None = None, high: int | None = None, n_sales: int = 1) -> Day:
    day = TODAY - timedelta(days=days_ago)
    return Day(day, cents, cents if low is None else low, cents if high is None else high, n_sales)


def write(cents: int) -> str:
    return f"${cents / 100:g}"


def coordinates(line: str) -> list[tuple[float, float]]:
    return [(float(right), float(down)) for right, down in (pair.split(",") for pair in line.split())]


days = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(1, 100_000_000), st.integers(0, 5_000)),
    min_size=2,
    max_size=80,
    unique_by=lambda made: made[0],
).map(
    lambda made: [at(ago, cents, low=max(1, cents - off), high=cents + off) for ago, cents, off in sorted(made)[::-1]]
)


@given(days)
def test_chart_keeps_every_point_inside_the_plot_and_in_order(points: list[Day]) -> None:
    chart = draw_prices(points, write_price=write)

    assert chart is not None
    line = coordinates(chart.line)
    assert len(line) == len(points)
    assert all(0 <= value <= 1000 for point in line for value in point)
    assert [right for right, _ in line] == sorted(right for right, _ in line)
    assert (line[0][0], line[-1][0]) == (0.0, 1000.0)
    for (_, down), (_, next_down), point, after in zip(line, line[1:], points, points[1:], strict=False):
        if point.median_cents > after.median_cents:
            assert down <= next_down


@given(days)
def test_ticks_lie_on_the_axis_rise_and_are_few(points: list[Day]) -> None:
    chart = draw_prices(points, write_price=write)

    assert chart is not None
    for ticks in (chart.x_ticks, chart.y_ticks):
        positions = [tick.position for tick in ticks]
        assert all(0 <= position <= 100 for position in positions)
        assert len(set(positions)) == len(positions)
    assert 1 <= len(chart.x_ticks) <= 6


def test_chart_tells_sales_range_and_change() -> None:
    points = [at(20, 10_000, low=9_000, n_sales=2), at(10, 11_000, high=14_000), at(0, 12_500)]

    chart = draw_prices(points, write_price=write, retail_cents=11_500)

    assert chart is not None
    assert (chart.n_sales, chart.low_cents, chart.high_cents) == (4, 9_000, 14_000)
    assert chart.change_share == pytest.approx(0.25)
    assert chart.description == "From $100 on 10 June 2026 to $125 on 30 June 2026, between $90 and $140."
    assert [dot.words for dot in chart.dots] == [
        "10 Jun 2026: $100, 2 sales",
        "20 Jun 2026: $110, 1 sale",
        "30 Jun 2026: $125, 1 sale",
    ]
    assert chart.retail is not None
    assert chart.retail.label == "Retail $115"
    assert [point.day for point in chart.points] == [point.day for point in reversed(points)]


@given(days, st.integers(1, 100_000_000))
def test_chart_puts_the_retail_price_where_the_line_is_not(points: list[Day], retail_cents: int) -> None:
    chart = draw_prices(points, write_price=write, retail_cents=retail_cents)

    assert chart is not None
    if chart.retail is not None and chart.retail.spot is not None:
        box = box_of(chart.retail.spot, chart.retail.y, chart.retail.label)
        corners = [(right / 10, down / 10) for right, down in coordinates(chart.line)]
        assert not any(box.left < right < box.right and box.top < down < box.bottom for right, down in corners)


def test_chart_leaves_a_retail_price_off_that_lies_far_away() -> None:
    chart = draw_prices([at(1, 50_000), at(0, 51_000)], write_price=write, retail_cents=9_000)

    assert chart is not None
    assert chart.retail is None


@pytest.mark.parametrize("points", [[], [at(0, 100)]])
def test_chart_of_less_than_a_line_is_none(points: list[Day]) -> None:
    assert draw_prices(points, write_price=write) is None


def test_chart_of_one_price_all_along_is_flat() -> None:
    chart = draw_prices([at(3, 8_000), at(2, 8_000), at(0, 8_000)], write_price=write)

    assert chart is not None
    assert len({down for _, down in coordinates(chart.line)}) == 1
    assert chart.volatility_share == 0.0


def test_volatility_is_the_deviation_of_logarithmic_changes() -> None:
    prices = [10_000, 11_000, 10_500, 12_000]

    found = measure_volatility(prices)

    changes = [math.log(1.1), math.log(10_500 / 11_000), math.log(12_000 / 10_500)]
    assert found == pytest.approx(statistics.stdev(changes))
    assert measure_volatility(prices[:2]) is None


@pytest.mark.parametrize(("key", "oldest_shown"), [("1m", 30), ("3m", 91), ("6m", 182), ("1y", 365), ("all", 1_000)])
def test_span_asked_for_shows_its_days(key: str, oldest_shown: int) -> None:
    points = [at(ago, 100) for ago in (1_000, 366, 365, 183, 182, 92, 91, 31, 30, 0)]

    span = choose_span(key, points, TODAY)

    shown = within(span, points, TODAY)
    assert span.key == key
    assert shown[0].day == TODAY - timedelta(days=oldest_shown)
    assert shown[-1].day == TODAY


def test_span_not_asked_for_is_the_year_or_else_everything() -> None:
    lively, old = [at(40, 100), at(3, 100)], [at(2_000, 100), at(1_900, 100), at(3, 100)]

    assert choose_span("", lively, TODAY).key == "1y"
    assert choose_span("no-such-span", old, TODAY).key == "all"
    assert [span.label for span in SPANS] == ["1M", "3M", "6M", "1Y", "All"]


def test_months_are_named_with_their_year_where_the_chart_crosses_one() -> None:
    first, last = date(2024, 11, 3), date(2026, 2, 20)

    ticks = month_ticks(first, last, Scale(0.0, 1.0))

    assert [tick.label for tick in ticks] == ["Jan 2025", "Apr 2025", "Jul 2025", "Oct 2025", "Jan 2026"]


def test_a_few_days_are_named_by_the_day() -> None:
    ticks = month_ticks(date(2026, 6, 3), date(2026, 6, 12), Scale(0.0, 1.0))

    assert [tick.label for tick in ticks] == ["3 Jun", "5 Jun", "7 Jun", "9 Jun", "11 Jun"]
