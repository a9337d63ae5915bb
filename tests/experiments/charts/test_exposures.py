from datetime import UTC, datetime, timedelta

import pytest

from experiments.charts.exposures import draw_exposures, write_count

START = datetime(2026, 11, 3, tzinfo=UTC)
DAYS = [START + timedelta(days=day) for day in range(10)]
TONES = {"Old": "control", "New": "featured-0"}


def test_exposure_chart_shows_each_variation_to_its_last_count() -> None:
    chart = draw_exposures(DAYS, {"Old": range(100, 1100, 100), "New": range(90, 1090, 100)}, TONES)

    assert chart is not None
    assert [(line.name, line.tone) for line in chart.series] == [("Old", "control"), ("New", "featured-0")]
    assert "Old 1,000, New 990" in chart.description
    assert [tick.label for tick in chart.y_ticks] == ["0", "250", "500", "750", "1k"]
    assert chart.table.header == ("Day", "Old", "New")
    assert chart.table.rows[-1] == ("2026-11-12", "1,000", "990")


def test_exposure_chart_marks_a_planned_end_that_it_spans() -> None:
    counts = {"Old": list(range(1, 11))}

    inside = draw_exposures(DAYS, counts, TONES, planned_end_at=DAYS[5])
    outside = draw_exposures(DAYS, counts, TONES, planned_end_at=DAYS[-1] + timedelta(days=9))

    assert inside is not None
    assert [rule.label for rule in inside.rules] == ["planned end"]
    assert outside is not None
    assert outside.rules == ()


@pytest.mark.parametrize(("days", "counts"), [([], {}), (DAYS[:1], {"Old": [0], "New": [0]})])
def test_exposure_chart_waits_for_an_exposure(days: list[datetime], counts: dict[str, list[int]]) -> None:
    assert draw_exposures(days, counts, TONES) is None


def test_exposure_chart_draws_a_single_day() -> None:
    chart = draw_exposures(DAYS[:1], {"Old": [7], "New": [0]}, TONES)

    assert chart is not None
    assert chart.series[0].points == "0.0,125.0"


def test_exposure_table_stays_short() -> None:
    days = [START + timedelta(days=day) for day in range(900)]

    chart = draw_exposures(days, {"Old": list(range(900))}, TONES)

    assert chart is not None
    assert len(chart.table.rows) == 60


@pytest.mark.parametrize(("count", "written"), [(0, "0"), (999, "999"), (1500, "1.5k"), (1_250_000, "1.25M")])
def test_count_is_written_short(count: int, written: str) -> None:
    assert write_count(count) == written
