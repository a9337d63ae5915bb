"""Runs and moves of the pointer, told line by line."""

from datetime import UTC, datetime, timedelta

from recommendations.admin.room.history import describe_swaps, draw_timeline
from recommendations.models import Swap

BEGIN = datetime(2026, 3, 1, 3, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=4)
SWAPS = [
    Swap(pk=3, from_colour="blue", to_colour="maize", at=BEGIN + timedelta(hours=3), actor="ann", reason="wrong shoes"),
    Swap(pk=2, run_id=2, from_colour="maize", to_colour="blue", at=BEGIN + timedelta(hours=1)),
    Swap(pk=1, run_id=1, from_colour="", to_colour="maize", at=BEGIN),
]


def test_each_move_tells_how_long_its_side_then_was_live() -> None:
    lines = describe_swaps(SWAPS, NOW)

    assert [(line.from_name, line.to_name, line.lasted) for line in lines] == [
        ("Blue", "Maize", "1 h"),
        ("Maize", "Blue", "2 h"),
        ("", "Maize", "1 h"),
    ]
    assert [line.is_roll_back for line in lines] == [True, False, False]


def test_timeline_runs_from_the_oldest_move_to_now() -> None:
    stretches = draw_timeline(SWAPS, NOW)

    assert [(part.tone, part.start, part.width) for part in stretches] == [
        ("maize", 0.0, 25.0),
        ("blue", 25.0, 50.0),
        ("maize", 75.0, 25.0),
    ]
