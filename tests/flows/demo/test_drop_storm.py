"""A drop opens and everybody comes at once: every piece is sold once, everybody else is told, nothing breaks."""

import pytest

from benchmarks.drop_storm import run
from tests.running_shop import RunningShop


def test_drop_in_a_rush_sells_each_piece_once_and_turns_the_others_away(shop: RunningShop) -> None:
    outcome = run(shop, n_buyers=60, n_pieces=7, seconds=0.5)

    assert outcome.faults(n_pieces=7) == []


@pytest.mark.soak
def test_drop_in_a_storm_answers_everybody_within_two_seconds(shop: RunningShop) -> None:
    outcome = run(shop, n_buyers=500, n_pieces=20, seconds=1.0)

    assert outcome.faults(n_pieces=20) == []
    assert outcome.percentile_s(99) <= 2.0
