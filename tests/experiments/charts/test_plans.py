from experiments.charts.plans import draw_mde_curve, draw_power_curve

WEEKS = [(week, 0.2 / week**0.5) for week in range(1, 13)]
POWERS = [(0.0, 0.05), (0.05, 0.5), (0.1, 0.95)]


def test_mde_curve_falls_with_the_weeks_and_marks_the_plan() -> None:
    chart = draw_mde_curve(WEEKS, mde=0.1, chosen_weeks=4)

    assert chart is not None
    heights = [float(point.split(",")[1]) for point in chart.series[0].points.split()]
    assert heights == sorted(heights)
    assert [rule.label for rule in chart.rules] == ["wanted 10%", "4 weeks"]
    assert chart.table.rows[0] == ("1", "20%")
    assert "After 1 week 20%" in chart.description


def test_mde_curve_without_a_feasible_plan_marks_the_wish_alone() -> None:
    chart = draw_mde_curve(WEEKS, mde=0.001, chosen_weeks=None)

    assert chart is not None
    assert [rule.label for rule in chart.rules] == ["wanted 0.1%"]


def test_mde_curve_needs_two_weeks() -> None:
    assert draw_mde_curve(WEEKS[:1], mde=0.1, chosen_weeks=1) is None


def test_mde_curve_labels_few_weeks() -> None:
    chart = draw_mde_curve([(week, 0.1) for week in range(1, 53)], mde=0.1, chosen_weeks=1)

    assert chart is not None
    assert [tick.label for tick in chart.x_ticks][:3] == ["4", "8", "12"]


def test_power_curve_rises_and_crosses_at_the_wish() -> None:
    chart = draw_power_curve(POWERS, mde=0.08, power=0.8)

    assert chart is not None
    assert chart.series[0].points == "0.0,950.0 500.0,500.0 1000.0,50.0"
    assert [rule.label for rule in chart.rules] == ["80%", "8%"]
    assert chart.rules[0].position == 20
    assert chart.table.rows[1] == ("5%", "50.0%")


def test_power_curve_needs_two_effects() -> None:
    assert draw_power_curve(POWERS[:1], mde=0.08, power=0.8) is None
