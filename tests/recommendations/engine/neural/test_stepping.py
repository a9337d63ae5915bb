"""The gradients of a whole training step against finite differences: ids, attributes, persons and all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.neural.adam import Adam, Rows
from recommendations.engine.neural.batches import N_GAPS, Batch, Sequences, gather
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.description import Description
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.stepping import Step, Training

N_ITEMS, N_COLUMNS, N_USERS, N_TRAITS, WIDTH, N_HIDDEN = 9, 4, 3, 3, 5, 6
NUDGE = 1e-6


def make_batch() -> Batch:
    chance = np.random.default_rng(5)
    starts = np.array([0, 5, 9, 12])
    opens = np.zeros(12, np.bool_)
    opens[[2, 7]] = True
    sequences = Sequences(
        items=chance.integers(0, N_ITEMS - 1, 12).astype(np.int32),
        types=chance.integers(0, 2, 12).astype(np.int8),
        gaps=chance.integers(1, N_GAPS, 12).astype(np.int8),
        opens=opens,
        weights=chance.uniform(0.5, 2.0, 12).astype(np.float32),
        starts=starts,
    )
    # The second user's piece begins in the middle of a history: nobody asks what came first there.
    return gather(sequences, np.array([0, 6, 9]), np.array([4, 8, 11]))


def make_description(n_traits: int = N_TRAITS) -> Description:
    chance = np.random.default_rng(6)
    own = np.ones(N_ITEMS, np.float32)
    own[2] = 0
    attributes = chance.random((N_ITEMS, N_COLUMNS), np.float32)
    attributes[chance.random(attributes.shape) > 0.6] = 0
    return Description(
        items=sparse.csr_array(attributes),
        item_keys=np.arange(N_COLUMNS, dtype=np.uint64),
        users=sparse.csr_array(chance.random((N_USERS, n_traits), np.float32)),
        user_keys=np.arange(n_traits, dtype=np.uint64),
        n_events=np.array([*[5] * (N_ITEMS - 1), 0]),
        own=own,
        id_dropout=0.4,
    )


def make_network(description: Description | None) -> Network:
    chance = np.random.default_rng(7)
    vectors = chance.normal(size=(2, N_ITEMS, WIDTH))
    begun = Network.begin(vectors[0], vectors[1], n_types=2, n_hidden=N_HIDDEN, chance=chance).weights
    weights = begun if description is None else description.begin(begun)
    # Nothing may be zero, or a wrong gradient could hide behind it.
    exact: dict[str, Array] = {
        name: table.astype(np.float64) + chance.normal(0, 0.3, table.shape) for name, table in weights.items()
    }
    return Network(exact, description)


def lose(network: Network) -> tuple[float, dict[str, Array | Rows]]:
    step = Step(network, Training(n_sampled=6, dropout=0.0), Adam(), 1e-3, np.random.default_rng(8))
    return step.lose(make_batch())


def dense(gradient: Array | Rows, like: Array) -> Array:
    if not isinstance(gradient, Rows):
        return gradient
    found = np.zeros_like(like)
    found[gradient.rows] = gradient.gradients
    return found


@pytest.mark.parametrize("name", [*Network.names(), *Network.names_of_description()])
def test_gradient_of_each_weight_is_that_of_finite_differences(name: str) -> None:
    network = make_network(make_description())
    weights = network.weights[name]

    found = dense(lose(network)[1][name], weights)

    assert np.abs(found).max() > 1e-4
    for place in np.random.default_rng(9).permutation(list(np.ndindex(weights.shape)))[:25]:
        at = tuple(place.tolist())
        kept, values = weights[at], []
        for nudge in (NUDGE, -NUDGE):
            weights[at] = kept + nudge
            values.append(lose(network)[0])
        weights[at] = kept
        assert found[at] == pytest.approx((values[0] - values[1]) / (2 * NUDGE), rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("description", [None, make_description(n_traits=0)])
def test_without_users_attributes_persons_begin_as_zeros_and_have_no_gradient(description: Description | None) -> None:
    network = make_network(description)

    _, gradients = lose(network)

    assert "traits" not in gradients
    assert set(gradients) == set(network.weights) - {"traits"}


def test_what_is_known_of_a_user_changes_what_is_foretold_and_is_learned_from_the_first_event_on() -> None:
    network, without = make_network(make_description()), make_network(make_description(n_traits=0))
    without.weights.update({name: table for name, table in network.weights.items() if name != "traits"})

    assert lose(network)[0] != pytest.approx(lose(without)[0], rel=1e-6)
    assert make_batch().first_weights.astype(bool).tolist() == [True, False, True]


def test_items_that_nobody_met_are_not_told_apart_from_and_those_without_a_vector_get_none() -> None:
    network = make_network(make_description())

    for seed in range(20):
        step = Step(network, Training(n_sampled=N_ITEMS, dropout=0.0), Adam(), 1e-3, np.random.default_rng(seed))
        _, gradients = step.lose(make_batch())
        vectors = dense(gradients["items_out"], network.weights["items_out"])
        assert not vectors[N_ITEMS - 1].any()
        assert not vectors[2].any()


def test_own_vectors_are_left_out_as_often_as_asked() -> None:
    network = make_network(make_description())
    n_items = len(np.unique(make_batch().items))
    n_kept = []

    for seed in range(200):
        step = Step(network, Training(n_sampled=6, dropout=0.0), Adam(), 1e-3, np.random.default_rng(seed))
        found = step.lose(make_batch())[1]["items_in"]
        n_kept.append(int(dense(found, network.weights["items_in"]).any(axis=1).sum()))

    without_own = int((make_batch().items == 2).any())
    assert np.mean(n_kept) / (n_items - without_own) == pytest.approx(0.6, abs=0.06)


def test_a_step_moves_weights_against_the_loss() -> None:
    network = make_network(make_description())
    optimiser, before = Adam(), lose(network)[0]

    for _ in range(30):
        Step(network, Training(n_sampled=6, dropout=0.0), optimiser, 1e-2, np.random.default_rng(8)).take(make_batch())

    assert lose(network)[0] < 0.7 * before
