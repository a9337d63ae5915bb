from __future__ import annotations

import pytest

from recommendations.engine.evaluation.exposure import N_POPULAR, Exposure, describe_lists
from recommendations.engine.interactions import Interactions


def make_train(n_items: int = 40, n_users: int = 64) -> Interactions:
    """Item i00 belongs to everybody, i01 to every second user, i02 to every fourth ..., the last ones to one user."""
    rows = [
        (f"u{user:02}", f"i{item:02}")
        for item in range(n_items)
        for user in range(0, n_users, min(2**item, n_users))
        for _ in range(3)
    ]
    users, items = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, list(range(len(rows))), ["view"] * len(rows))


def test_describe_lists_counts_users_and_not_their_repeats() -> None:
    train = make_train()

    assert describe_lists([["i00"]], train).novelty_bits == 0.0
    assert describe_lists([["i00", "i03"], ["i01"]], train).novelty_bits == pytest.approx((0 + 3 + 1) / 3)


def test_describe_lists_takes_an_unknown_item_for_half_a_users() -> None:
    assert describe_lists([["new"]], make_train(n_users=64)).novelty_bits == pytest.approx(7.0)


def test_describe_lists_tells_the_share_of_the_most_popular_slots() -> None:
    train = make_train()
    popular, rare = [f"i{item:02}" for item in range(N_POPULAR)], [f"i{item}" for item in range(20, 40)]

    assert describe_lists([popular[:10], rare[:10]], train).popular_share == 0.5
    assert describe_lists([rare], train).popular_share == 0.0


def test_describe_lists_covers_the_items_that_are_known() -> None:
    train = make_train()

    assert describe_lists([["i00", "i01"], ["i01", "i02"]], train).coverage == 3 / 40
    assert describe_lists([["i00", "i01"], ["i01", "i02"]], train, n_known=6).coverage == 0.5
    assert describe_lists([[], []], train) == Exposure(0.0, 0.0, 0.0)
