from datetime import UTC, datetime, timedelta

import pytest

from experiments.charts.history import HistoryPoint, draw_history
from experiments.charts.lines import LineChart

START = datetime(2026, 11, 3, tzinfo=UTC)


def shrink(n: int, effect: float = 0.05) -> list[HistoryPoint]:
    """Bands that narrow with the root of time, about one effect."""
    reaches = [0.5 / (day + 1) ** 0.5 for day in range(n)]
    return [
        HistoryPoint(START + timedelta(days=day), effect - reach, effect, effect + reach)
        for day, reach in enumerate(reaches)
    ]


def draw(points: list[HistoryPoint]) -> LineChart | None:
    return draw_history(points, metric="Conversion", variation="New", tone="featured-0", confidence=0.99)


def test_history_draws_line_band_and_no_change() -> None:
    chart = draw(shrink(14))

    assert chart is not None
    assert len(chart.series[0].points.split()) == 14
    assert len(chart.bands[0].points.split()) == 28
    assert chart.bands[0].name == "99% always-valid"
    (zero,) = chart.rules
    assert zero.is_strong
    assert 0 < zero.position < 100


def test_history_axis_is_not_flattened_by_its_first_band() -> None:
    points = [HistoryPoint(START, -40.0, 0.05, 40.0), *shrink(14)[1:]]

    chart = draw(points)

    assert chart is not None
    assert chart.y_ticks[-1].label in {"+60%", "+75%", "+80%", "+50%"}


def test_history_is_bounded() -> None:
    chart = draw(shrink(5000))

    assert chart is not None
    assert len(chart.series[0].points.split()) == 120
    assert len(chart.table.rows) == 30


def test_history_tells_its_last_effect() -> None:
    chart = draw(shrink(100))

    assert chart is not None
    assert "last +5% from 0 to +10%" in chart.description
    assert chart.table.rows[-1][1:] == ("+5%", "0 to +10%")


@pytest.mark.parametrize("n", [0, 1])
def test_history_waits_for_two_snapshots(n: int) -> None:
    assert draw(shrink(n)) is None


def test_history_of_no_change_at_all_is_drawn() -> None:
    points = [HistoryPoint(START + timedelta(hours=hour), 0.0, 0.0, 0.0) for hour in range(3)]

    chart = draw(points)

    assert chart is not None
    assert chart.series[0].points.endswith("1000.0")
