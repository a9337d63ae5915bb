from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.batches import (
    GAP_BOUNDS_S,
    N_GAPS,
    Sequences,
    bucket_gaps,
    gather,
    plan_pass,
    time_between,
)

START = 1_700_000_000


def make_sequences(lengths: list[int], *, is_timed: bool = True, gap_s: int = 1_800) -> Sequences:
    """User u's events are on items 0, 1, 2 ..., 1,000 s apart, and every fifth comes a day later."""
    rows = [
        (f"u{user:03}", f"i{place:03}", START + 1_000 * place + 86_400 * (place // 5))
        for user, length in enumerate(lengths)
        for place in range(length)
    ]
    users, items, times = zip(*rows, strict=True)
    interactions = Interactions.from_columns(users, items, times, ["view"] * len(rows))
    weights = np.arange(1, len(rows) + 1, dtype=np.float32)
    return Sequences.of(interactions, weights, gap_s, is_timed=is_timed)


def test_sequences_know_when_a_session_opens_and_how_long_ago_the_event_before_was() -> None:
    sequences = make_sequences([7, 2])

    assert sequences.opens.tolist() == [False, False, False, False, False, True, False, False, False]
    assert sequences.gaps.tolist() == [0, 3, 3, 3, 3, 6, 3, 0, 3]


def test_sequences_of_only_an_order_have_one_session_and_no_gaps() -> None:
    sequences = make_sequences([7, 2], is_timed=False)

    assert not sequences.opens.any()
    assert not sequences.gaps.any()


def test_take_keeps_the_columns_in_step_with_their_users() -> None:
    sequences = make_sequences([3, 2, 4])
    keep = np.array([True, True, False, False, False, True, True, True, False])

    taken = sequences.take(keep)

    assert taken.starts.tolist() == [0, 2, 2, 5]
    assert taken.items.tolist() == [0, 1, 0, 1, 2]
    assert taken.weights.tolist() == [1, 2, 6, 7, 8]


def test_every_time_has_a_bucket_and_longer_ones_no_lower_one() -> None:
    seconds = np.array([-5, 0, 1, *GAP_BOUNDS_S, 10**12])

    buckets = bucket_gaps(seconds)

    assert buckets.tolist() == sorted(buckets.tolist())
    assert (buckets.min(), buckets.max()) == (1, N_GAPS - 1)


def test_clocks_gone_wild_cannot_overflow() -> None:
    wild = np.array([-(2**63), 2**63 - 1, 0, -(2**63)])

    apart = time_between(wild)

    assert apart[0] > 0
    assert apart[2] < 0


@pytest.mark.parametrize(("length", "n_places"), [(1, 1), (4, 16), (32, 100), (500, 10_000)])
def test_a_pass_foretells_every_event_but_each_users_first_exactly_once(length: int, n_places: int) -> None:
    sequences = make_sequences([1, 2, 3, 9, 40, 41, 7, 1])
    foretold = np.zeros(len(sequences.items), np.int64)

    for firsts, stops in plan_pass(sequences, length, n_places, np.random.default_rng(0)):
        assert (stops - firsts <= length).all()
        for first, stop in zip(firsts.tolist(), stops.tolist(), strict=True):
            foretold[first + 1 : stop + 1] += 1

    expected = np.ones_like(foretold)
    expected[sequences.starts[:-1]] = 0
    np.testing.assert_array_equal(foretold, expected)


def test_batches_of_short_histories_hold_more_of_them() -> None:
    short = plan_pass(make_sequences([3] * 400), 50, 200, np.random.default_rng(0))
    long = plan_pass(make_sequences([51] * 40), 50, 200, np.random.default_rng(0))

    assert np.mean([len(firsts) for firsts, _ in short]) > 80
    assert np.mean([len(firsts) for firsts, _ in long]) < 10


def test_nothing_to_foretell_is_no_batch() -> None:
    assert plan_pass(make_sequences([1, 1]), 50, 200, np.random.default_rng(0)) == []


def rows(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


def test_gather_lays_pieces_side_by_side_with_what_came_next() -> None:
    sequences = make_sequences([7, 2])

    batch = gather(sequences, rows(4, 7), rows(6, 8))

    assert batch.items.tolist() == [[4, 0], [5, 0]]
    assert batch.targets.tolist() == [[5, 1], [6, 0]]
    assert batch.weights.tolist() == [[6, 9], [7, 0]]
    assert batch.gaps.tolist() == [[0, 0], [6, 0]]
    assert batch.opens.tolist() == [[False, False], [True, False]]
