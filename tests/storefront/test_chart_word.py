from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storefront.chart_word import SPOTS, Place, Spot, box_of, find_spot

WORD = "Retail $160"
N_LOOKS = 400

shares = st.floats(0, 100)
lines = st.lists(st.tuples(shares, shares), min_size=2, max_size=60, unique_by=lambda place: place[0]).map(
    lambda made: [(0.0, made[0][1]), *sorted(place for place in made if 0 < place[0] < 100), (100.0, made[-1][1])]
)


def along(line: list[Place]) -> list[Place]:
    """Many places on a line, its corners and what lies between them."""
    between = [
        (x0 + (x1 - x0) * step / N_LOOKS, y0 + (y1 - y0) * step / N_LOOKS)
        for (x0, y0), (x1, y1) in pairwise(line)
        for step in range(N_LOOKS + 1)
    ]
    return [*line, *between]


def covers(spot: Spot, level: float, line: list[Place], *, margin: float = 0.0) -> bool:
    box = box_of(spot, level, WORD)
    left, right, top, bottom = box.left - margin, box.right + margin, box.top - margin, box.bottom + margin
    return any(left <= x <= right and top <= y <= bottom for x, y in along(line))


@given(lines, shares)
@example([(0.0, 50.0), (100.0, 50.0)], 50.0)
@example([(0.0, 0.0), (1.0, 100.0), (99.0, 0.0), (100.0, 100.0)], 50.0)
def test_word_covers_no_part_of_the_line_and_stays_in_the_plot(line: list[Place], level: float) -> None:
    spot = find_spot(line, level, WORD)

    if spot is not None:
        assert not covers(spot, level, line)
        assert 0 <= box_of(spot, level, WORD).top < box_of(spot, level, WORD).bottom <= 100


@given(lines, st.floats(11, 89))
def test_word_stands_outside_only_where_it_would_cover_the_line_at_both_ends(line: list[Place], level: float) -> None:
    spot = find_spot(line, level, WORD)

    # Half a percent is more than lies between two of the places looked at.
    assert spot is not None or all(covers(each, level, line, margin=0.5) for each in SPOTS)


@pytest.mark.parametrize(
    ("line", "spot"),
    [
        ([(0.0, 80.0), (100.0, 20.0)], Spot("left", is_above=True)),
        ([(0.0, 45.0), (30.0, 45.0), (100.0, 70.0)], Spot("right", is_above=True)),
        ([(0.0, 45.0), (100.0, 45.0)], Spot("left", is_above=False)),
        ([(0.0, 45.0), (5.0, 55.0), (60.0, 45.0), (100.0, 45.0)], Spot("right", is_above=False)),
        ([(0.0, 45.0), (5.0, 55.0), (95.0, 45.0), (100.0, 55.0)], None),
    ],
)
def test_word_takes_the_end_with_room(line: list[Place], spot: Spot | None) -> None:
    assert find_spot(line, 50.0, WORD) == spot


def test_word_keeps_from_the_plots_edges() -> None:
    flat = [(0.0, 50.0), (100.0, 50.0)]

    at_edges = [find_spot(flat, level, WORD) for level in (0.0, 100.0)]

    assert at_edges == [Spot("left", is_above=False), Spot("left", is_above=True)]
