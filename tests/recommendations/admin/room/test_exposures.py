"""Charts by kind of shopper, and of what the lists show."""

from typing import Any

from recommendations.admin.room.exposures import draw_exposures, draw_segments
from recommendations.admin.room.measures import Contender


def contender(name: str, **recipe: Any) -> Contender:
    split = {
        "split": "held-out users",
        "repeats": True,
        "recipe": {"coverage": 0.5, **recipe},
        "popularity": {"coverage": 0.1, "novelty_bits": 1.5, "popular_share": 1.0},
        "segments": [
            {
                "segment": "1 to 4 events",
                "n_cases": 1_234,
                "recipe": [0.3, 0.2, 0.4],
                "popularity": [0.1, 0.05, 0.15],
            }
        ],
    }
    return Contender(name, "blue", {"splits": [split]})


def test_segments_set_each_kind_of_shopper_beside_popularity() -> None:
    (chart,) = draw_segments(contender("new"), repeats=True)

    assert chart.title == "NDCG@25 by kind of shopper, held-out users"
    assert [(line.name, line.tone, line.figure, line.interval) for line in chart.lines] == [
        ("1 to 4 events, 1,234 cases", "blue", "0.3000", "0.2000 to 0.4000"),
        ("popularity", "popularity", "0.1000", "0.0500 to 0.1500"),
    ]
    assert draw_segments(contender("new"), repeats=False) == ()


def test_exposures_set_a_side_beside_the_one_before_and_popularity() -> None:
    newest = contender("new", novelty_bits=4.25, popular_share=0.25)
    before = contender("old", novelty_bits=4.0, popular_share=0.5)

    popular, novelty = draw_exposures(newest, before, repeats=True)

    assert [(line.name, line.figure) for line in popular.lines] == [
        ("new", "25.0%"),
        ("old", "50.0%"),
        ("Popularity", "100.0%"),
    ]
    assert [line.figure for line in novelty.lines] == ["4.25", "4.00", "1.50"]


def test_exposures_leave_out_what_an_earlier_run_did_not_measure() -> None:
    newest = contender("new", novelty_bits=4.25, popular_share=0.25)

    popular, _ = draw_exposures(newest, contender("old"), repeats=True)

    assert [line.name for line in popular.lines] == ["new", "Popularity"]
    assert draw_exposures(contender("old"), None, repeats=True) == ()
