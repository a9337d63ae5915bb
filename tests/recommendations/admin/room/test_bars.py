"""The room's drawings: bars and intervals stay on their axis, stretches fill theirs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.admin.room.bars import NARROWEST, Figure, draw_bar, draw_stretches, nice_ceiling

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("figure", "ceiling"),
    [
        (Figure(0.0), 1.0),
        (Figure(0.14), 0.15),
        (Figure(0.14, 0.12, 0.17), 0.2),
        (Figure(0.081), 0.1),
        (Figure(1.0), 1.0),
        (Figure(7.0), 8.0),
    ],
)
def test_ceiling_holds_the_interval_and_reads_well(figure: Figure, ceiling: float) -> None:
    found = nice_ceiling([Figure(0.0), figure])

    assert found == pytest.approx(ceiling)


def test_bar_and_interval_are_percent_of_the_axis() -> None:
    bar = draw_bar(Figure(0.1, 0.05, 0.15), 0.2)

    assert (bar.end, bar.low, bar.high, bar.reach) == (50.0, 25.0, 75.0, 50.0)


def test_narrow_interval_is_still_seen() -> None:
    bar = draw_bar(Figure(0.5, 0.5, 0.5), 1.0)

    assert bar.reach == NARROWEST


def test_figure_without_interval_has_no_whisker() -> None:
    bar = draw_bar(Figure(0.4), 1.0)

    assert (bar.end, bar.reach) == (40.0, None)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=30), st.integers(0, 10**7))
def test_stretches_fill_the_strip_without_gaps(moments: list[int], until: int) -> None:
    moves = [(BEGIN + timedelta(seconds=at), "maize", "x") for at in sorted(moments)]

    stretches = draw_stretches(moves, BEGIN + timedelta(seconds=until))

    assert stretches[0].start == 0.0
    assert sum(stretch.width for stretch in stretches) == pytest.approx(100.0, abs=0.2)
    assert all(stretch.width >= 0 for stretch in stretches)


def test_nothing_live_draws_nothing() -> None:
    assert draw_stretches([], BEGIN) == ()
