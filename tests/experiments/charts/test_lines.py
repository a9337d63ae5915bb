from experiments.charts.lines import Rule, draw_band, draw_series, flip, thin
from experiments.charts.scales import Scale, Tick

UNIT = Scale(0.0, 10.0)


def test_series_goes_up_where_values_rise() -> None:
    series = draw_series("B", "featured-0", UNIT, UNIT, [(0, 0), (5, 2), (10, 10)])

    assert series.points == "0.0,1000.0 500.0,800.0 1000.0,0.0"
    assert (series.last_x, series.last_y) == (100, 0)


def test_band_runs_along_its_lower_edge_and_back_along_the_upper() -> None:
    band = draw_band("95%", "featured-0", UNIT, UNIT, [(0, 2, 4), (10, 3, 99)])

    assert band.points == "0.0,800.0 1000.0,700.0 1000.0,0.0 0.0,600.0"


def test_flip_counts_from_the_top() -> None:
    assert flip([Tick("0", 0.0), Tick("1", 75.0)]) == (Tick("0", 100.0), Tick("1", 25.0))


def test_thin_keeps_both_ends_and_at_most_so_many() -> None:
    rows = list(range(1000))

    kept = thin(rows, 30)

    assert (kept[0], kept[-1]) == (0, 999)
    assert len(kept) == 30
    assert thin(rows[:5], 30) == [0, 1, 2, 3, 4]


def test_word_of_a_vertical_rule_stays_inside() -> None:
    assert [Rule("end", place, is_vertical=True).anchor for place in (10, 90)] == ["start", "end"]
