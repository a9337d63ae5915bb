"""Charts of offline metrics: who stands beside whom, on which axis, and what the difference says."""

from typing import Any

import pytest

from recommendations.admin.room.bars import Figure
from recommendations.admin.room.measures import Contender, draw_charts, headline_of, read_figure
from recommendations.engine.evaluation.asking import NDCG_AT_25


def figures(ndcg: float, *, difference: float = 0.02, repeats: bool = True, split: str = "held-out users") -> Any:
    def around(value: float) -> list[float]:
        return [value, value - 0.01, value + 0.01]

    return {
        "split": split,
        "repeats": repeats,
        "n_cases": 1_234,
        "recipe": {NDCG_AT_25: around(ndcg), "coverage": 0.75},
        "popularity": {NDCG_AT_25: around(ndcg - difference), "coverage": 0.05},
        "ndcg_at_25_difference": around(difference),
    }


def contender(name: str, *splits: Any) -> Contender:
    return Contender(name, "maize", {"splits": list(splits)})


def test_charts_set_the_model_beside_the_one_before_and_popularity() -> None:
    newest, before = contender("new", figures(0.30)), contender("old", figures(0.25))

    accuracy, coverage = draw_charts(newest, before, repeats=True)

    assert [(line.name, line.figure) for line in accuracy.lines] == [
        ("new", "0.3000"),
        ("old", "0.2500"),
        ("Popularity", "0.2800"),
    ]
    assert accuracy.lines[0].interval == "0.2900 to 0.3100"
    assert [line.figure for line in coverage.lines] == ["75.0%", "75.0%", "5.0%"]


def test_charts_of_all_splits_share_one_axis() -> None:
    newest = contender("new", figures(0.30), figures(0.05, split="next basket"))

    charts = draw_charts(newest, None, repeats=True)

    assert [chart.ticks for chart in charts[:2]] == [("0", "0.2", "0.4")] * 2
    assert [chart.title for chart in charts] == [
        "NDCG@25, held-out users",
        "NDCG@25, next basket",
        "Coverage, held-out users",
        "Coverage, next basket",
    ]


def test_charts_keep_repeats_apart() -> None:
    newest = contender("new", figures(0.30), figures(0.10, repeats=False))

    with_repeats, without = (draw_charts(newest, None, repeats=repeats) for repeats in (True, False))

    assert with_repeats[0].lines[0].figure == "0.3000"
    assert without[0].lines[0].figure == "0.1000"


@pytest.mark.parametrize(
    ("difference", "word", "tone"), [(0.02, "Better", "good"), (-0.02, "Worse", "bad"), (0.005, "No clear", "")]
)
def test_verdict_needs_the_whole_interval_on_one_side(difference: float, word: str, tone: str) -> None:
    newest = contender("new", figures(0.30, difference=difference))

    chart = draw_charts(newest, None, repeats=True)[0]

    assert chart.verdict.startswith(word)
    assert chart.verdict_tone == tone


def test_before_without_that_split_is_left_out() -> None:
    newest, before = contender("new", figures(0.30)), contender("old", figures(0.25, split="next basket"))

    chart = draw_charts(newest, before, repeats=True)[0]

    assert [line.name for line in chart.lines] == ["new", "Popularity"]


def test_nothing_measured_draws_nothing() -> None:
    assert draw_charts(contender("new"), None, repeats=True) == ()
    assert headline_of({}) is None


def test_figures_are_numbers_or_have_intervals() -> None:
    assert read_figure([0.2, 0.1, 0.3]) == Figure(0.2, 0.1, 0.3)
    assert read_figure(0.2) == Figure(0.2)
