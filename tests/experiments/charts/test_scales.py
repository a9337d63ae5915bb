from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.charts.scales import Scale, fit_scale, fit_times, label_ticks, write_time

START = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
REALS = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda value: round(value, 6))


@given(st.lists(REALS, max_size=20))
def test_scale_holds_every_value_and_zero_between_round_ends(values: list[float]) -> None:
    scale, ticks = fit_scale(values)

    slack = 1e-6 * (scale.high - scale.low)
    assert all(scale.low - slack <= value <= scale.high + slack for value in [*values, 0.0])
    assert (scale.low, scale.high) == (ticks[0], ticks[-1])
    assert 2 <= len(ticks) <= 7


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 100.0], [0, 25, 50, 75, 100]),
        ([87.0], [0, 25, 50, 75, 100]),
        ([-0.03, 0.05], [-0.04, -0.02, 0, 0.02, 0.04, 0.06]),
        ([], [0, 0.25, 0.5, 0.75, 1]),
        ([0.0], [0, 0.25, 0.5, 0.75, 1]),
        ([-4.0], [-4, -3, -2, -1, 0]),
    ],
)
def test_scale_ends_at_round_numbers(values: list[float], ticks: list[float]) -> None:
    _, found = fit_scale(values)

    assert len(found) == len(ticks)
    assert all(isclose(one, other, abs_tol=1e-12) for one, other in zip(found, ticks, strict=True))


def test_scale_without_zero_stays_at_its_values() -> None:
    scale, _ = fit_scale([100.0, 104.0], with_zero=False)

    assert scale == Scale(100.0, 104.0)


def test_place_is_percent_and_ends_at_the_edges() -> None:
    scale = Scale(-1.0, 1.0)

    assert [scale.place(value) for value in (-5.0, -1.0, 0.0, 0.5, 9.0)] == [0, 0, 50, 75, 100]
    assert not scale.holds(1.5)


def test_place_on_a_scale_without_length_is_its_middle() -> None:
    assert Scale(3.0, 3.0).place(3.0) == 50.0


@pytest.mark.parametrize(("hours", "most"), [(1, 5), (30, 5), (24 * 14, 5), (24 * 60, 5), (24 * 800, 5)])
def test_times_have_few_ticks_inside_the_axis(hours: int, most: int) -> None:
    scale, ticks = fit_times(START, START + timedelta(hours=hours))

    assert 1 <= len(ticks) <= most
    assert all(0 <= tick.position <= 100 for tick in ticks)
    assert scale.place((START + timedelta(hours=hours)).timestamp()) == 100


def test_times_of_two_weeks_are_days() -> None:
    _, ticks = fit_times(START, START + timedelta(days=14))

    assert [tick.label for tick in ticks] == ["7 Nov", "11 Nov", "15 Nov"]


def test_times_of_a_moment_span_an_hour() -> None:
    scale, _ = fit_times(START, START)

    assert scale.high - scale.low == 3600


def test_ticks_are_labelled_in_the_given_words() -> None:
    ticks = label_ticks(Scale(0, 4), [0, 2, 4], lambda value: f"<{value:g}>")

    assert [(tick.label, tick.position) for tick in ticks] == [("<0>", 0), ("<2>", 50), ("<4>", 100)]


def test_time_is_a_day_or_an_hour() -> None:
    assert (write_time(START), write_time(START, with_hours=True)) == ("3 Nov", "09:30")
