from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.neural.network import Network
from recommendations.engine.neural.warm_start import (
    Previous,
    carry_over,
    factorise_sequences,
    share_of_returns,
)

N_ITEMS = 12


def make_ring(n_users: int = 200, length: int = 8, n_items: int = N_ITEMS) -> tuple[np.ndarray, np.ndarray]:
    """Every item is followed by the next one of a ring."""
    users = np.repeat(np.arange(n_users), length).astype(np.int32)
    steps = np.tile(np.arange(length), n_users)
    return users, ((users + steps) % n_items).astype(np.int32)


@pytest.mark.parametrize("n_items", [N_ITEMS, 400])
def test_vectors_foretell_what_comes_next_and_not_what_came_before(n_items: int) -> None:
    users, items = make_ring(n_users=n_items * 3, n_items=n_items)

    left, right = factorise_sequences(users, items, n_items, width=64, window=2, seed=0)

    likely = left @ right.T
    after = np.arange(1, n_items + 1) % n_items
    before = np.arange(-1, n_items - 1) % n_items
    each = np.arange(n_items)
    assert (likely[each, after] > likely[each, before]).all()


@pytest.mark.parametrize("n_items", [N_ITEMS, 400])
def test_equal_data_give_equal_vectors(n_items: int) -> None:
    users, items = make_ring(n_users=n_items, n_items=n_items)

    first = factorise_sequences(users, items, n_items, width=16, window=5, seed=3)
    second = factorise_sequences(users, items, n_items, width=16, window=5, seed=3)

    for one, other in zip(first, second, strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("items", [[0], [0, 0, 0], [0, 1], []])
def test_next_to_no_data_give_finite_vectors(items: list[int]) -> None:
    users = np.zeros(len(items), np.int32)

    left, right = factorise_sequences(users, np.array(items, np.int32), 2, width=8, window=10, seed=0)

    assert left.shape == right.shape == (2, 8)
    assert np.isfinite(left).all()
    assert np.isfinite(right).all()


def make_previous(names: list[str]) -> tuple[Previous, np.ndarray]:
    chance = np.random.default_rng(5)
    vectors = chance.normal(size=(len(names), 8)).astype(np.float32)
    network = Network.begin(vectors, vectors[::-1], n_types=3, n_hidden=6, chance=chance)
    network.weights["types_in"][:2] = [[1] * 8, [2] * 8]
    return Previous(network.weights, names, ["cart", "view"]), vectors


def test_known_items_keep_their_rows_and_new_ones_are_turned_into_the_same_space() -> None:
    names = [f"i{number:02}" for number in range(40)]
    previous, vectors = make_previous(names)
    # Tonight's factorisation spans the same space, differently turned, and knows five items more.
    turn = np.linalg.qr(np.random.default_rng(6).normal(size=(8, 8)))[0].astype(np.float32)
    new = np.random.default_rng(7).normal(size=(5, 8)).astype(np.float32)
    tonight = [*names[10:], *(f"n{number}" for number in range(5))]
    fresh_in = np.concatenate((vectors[10:], new)) @ turn
    fresh = Network.begin(fresh_in, fresh_in, n_types=4, n_hidden=6, chance=np.random.default_rng(8))

    weights = carry_over(previous, fresh.weights, tonight, ["buy", "cart", "view"])

    assert weights is not None
    np.testing.assert_array_equal(weights["items_in"][:30], vectors[10:])
    np.testing.assert_allclose(weights["items_in"][30:], new, atol=0.01)
    np.testing.assert_array_equal(weights["types_in"][:, 0], [0, 1, 2, 0])
    np.testing.assert_array_equal(weights["session_inputs"], previous.weights["session_inputs"])
    assert weights["session_inputs"] is not previous.weights["session_inputs"]
    assert {name: array.shape for name, array in weights.items()} == {
        name: array.shape for name, array in fresh.weights.items()
    }


def test_a_previous_network_without_a_known_item_is_of_no_use() -> None:
    previous, vectors = make_previous([f"i{number:02}" for number in range(40)])
    fresh = Network.begin(vectors, vectors, n_types=3, n_hidden=6, chance=np.random.default_rng(8))

    assert carry_over(previous, fresh.weights, [f"x{number}" for number in range(40)], ["cart", "view"]) is None


def test_where_shoppers_look_at_the_same_item_twice_running_each_item_foretells_itself() -> None:
    chance = np.random.default_rng(0)
    items = np.repeat(chance.integers(0, N_ITEMS, 20_000), 2).astype(np.int32)
    users = np.repeat(np.arange(4_000), 10).astype(np.int32)

    left, right = factorise_sequences(users, items, N_ITEMS, width=16, window=2, seed=0)

    np.testing.assert_array_equal(left, right)
    assert ((left @ right.T).argmax(axis=1) == np.arange(N_ITEMS)).all()
    assert share_of_returns(users, items) > 0.5
    assert share_of_returns(*make_ring()) == 0.0
