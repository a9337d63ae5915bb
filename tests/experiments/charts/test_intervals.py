import pytest

from experiments.charts.intervals import Interval, fit_axis, write_change


def test_axis_is_symmetric_about_no_change() -> None:
    axis = fit_axis([Interval("Conversion", -0.01, 0.02, 0.06, "good")])

    assert axis.zero == 50
    assert [tick.label for tick in axis.ticks] == ["−10%", "−5%", "0", "+5%", "+10%"]


def test_axis_holds_the_margin_of_a_guardrail() -> None:
    axis = fit_axis([Interval("Latency", -0.01, 0.0, 0.01, "quiet", margin=0.15)])

    drawn = axis.draw(Interval("Latency", -0.01, 0.0, 0.01, "quiet", margin=0.15))
    assert drawn.margin is not None
    assert 50 < drawn.high < drawn.margin <= 100


def test_interval_is_placed_in_order() -> None:
    interval = Interval("Conversion", -0.01, 0.02, 0.06, "good")

    drawn = fit_axis([interval]).draw(interval)

    assert drawn.low < 50 < drawn.point < drawn.high
    assert drawn.width == pytest.approx(35.0)
    assert (drawn.is_cut_low, drawn.is_cut_high) == (False, False)


def test_interval_beyond_a_doubling_is_cut_and_says_so() -> None:
    interval = Interval("Revenue", -3.0, 0.1, 5.0, "quiet")

    drawn = fit_axis([interval]).draw(interval)

    assert (drawn.low, drawn.high) == (0, 100)
    assert (drawn.is_cut_low, drawn.is_cut_high) == (True, True)


def test_axis_without_intervals_is_one_percent_wide() -> None:
    axis = fit_axis([])

    assert [tick.label for tick in axis.ticks] == ["−1%", "−0.5%", "0", "+0.5%", "+1%"]


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.0, "0"),
        (0.05, "+5%"),
        (-0.05, "−5%"),
        (0.0234, "+2.3%"),
        (0.1234, "+12%"),
        (0.0004, "+0.04%"),
        (1.0, "+100%"),
        (-1e-9, "0"),
    ],
)
def test_change_is_written_with_its_sign(share: float, written: str) -> None:
    assert write_change(share) == written
