from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from recommendations.engine.neural.description import Description
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.warm_start import Previous

N_ITEMS, WIDTH = 40, 8


def make(n_events: int = 1_000_000, untouched: int = 4) -> tuple[Description, dict[str, np.ndarray]]:
    """Forty items of four kinds; an item's vectors are its kind's and a little of its own. The last have no event."""
    chance = np.random.default_rng(2)
    kinds = np.arange(N_ITEMS) % 4
    vectors = chance.normal(size=(2, 4, WIDTH))[:, kinds] + chance.normal(0, 0.1, (2, N_ITEMS, WIDTH))
    vectors[:, N_ITEMS - untouched :] = 0
    counts = np.full(N_ITEMS, n_events)
    counts[N_ITEMS - untouched :] = 0
    description = Description(
        items=sparse.csr_array(np.eye(4, dtype=np.float32)[kinds]),
        item_keys=np.arange(4, dtype=np.uint64),
        users=sparse.csr_array(np.eye(3, 2, dtype=np.float32)),
        user_keys=np.arange(2, dtype=np.uint64),
        n_events=counts,
        own=np.ones(N_ITEMS, np.float32),
        id_dropout=0.0,
    )
    return description, Network.begin(vectors[0], vectors[1], n_types=1, n_hidden=6, chance=chance).weights


def test_items_met_often_begin_with_the_very_vectors_they_had() -> None:
    description, weights = make()

    whole = description.fold(description.begin(weights))

    for name in ("items_in", "items_out", "item_bias"):
        np.testing.assert_allclose(whole[name][:-4], weights[name][:-4], atol=1e-3)


def test_items_that_nobody_touched_begin_as_their_like() -> None:
    description, weights = make()

    whole = description.fold(description.begin(weights))["items_out"]

    for item in range(N_ITEMS - 4, N_ITEMS):
        distances = np.linalg.norm(whole[: N_ITEMS - 4] - whole[item], axis=1)
        nearest = np.argsort(distances)[:9]
        assert (nearest % 4 == item % 4).all()


def test_the_fewer_events_an_item_has_the_nearer_it_begins_to_its_like() -> None:
    apart = []
    for n_events in (1, 10, 1_000):
        description, weights = make(n_events)
        begun = description.begin(weights)
        apart.append(float(np.linalg.norm(begun["items_in"])))

    assert apart[0] < apart[1] < apart[2]


def test_items_without_a_vector_of_their_own_are_their_attributes_alone() -> None:
    description, weights = make()
    alone = replace(description, own=np.zeros(N_ITEMS, np.float32))
    begun = alone.begin(weights)

    whole = alone.fold(begun)

    np.testing.assert_allclose(whole["items_in"], alone.items @ begun["attributes_in"], rtol=1e-6)


def test_going_on_keeps_what_was_learned_and_matches_attributes_by_their_keys() -> None:
    description, weights = make()
    chance = np.random.default_rng(4)
    learned = {name: table + chance.normal(0, 0.1, table.shape) for name, table in description.begin(weights).items()}
    folded = description.fold(learned)
    previous = Previous(folded, [str(item) for item in range(N_ITEMS)], ["view"], description.item_keys[:3], None)
    # The fourth kind was unknown then, and the others are in other columns now.
    tonight = replace(description, item_keys=np.array([0, 1, 2, 9], np.uint64))
    is_old = np.arange(N_ITEMS) < N_ITEMS - 4

    gone_on = tonight.go_on(folded, previous, is_old)

    np.testing.assert_allclose(gone_on["attributes_in"][:3], folded["attributes_in"][:3], rtol=1e-6)
    assert not gone_on["attributes_in"][3].any()
    assert not gone_on["traits"].any()
    whole = tonight.fold(gone_on)
    np.testing.assert_allclose(whole["items_out"][is_old], folded["items_out"][is_old], atol=1e-5)
    # New items have no vector to go on from.
    np.testing.assert_allclose(whole["items_out"][~is_old], tonight.items[36:] @ gone_on["attributes_out"], atol=1e-6)


@pytest.mark.parametrize("field", ["items", "users", "n_events", "own", "id_dropout", "item_keys", "user_keys"])
def test_a_fingerprint_sees_every_part(field: str) -> None:
    description, _ = make()
    other = {
        "items": description.items * 2,
        "users": description.users * 2,
        "n_events": description.n_events + 1,
        "own": description.own * 0,
        "id_dropout": 0.5,
        "item_keys": description.item_keys + np.uint64(1),
        "user_keys": description.user_keys + np.uint64(1),
    }[field]

    changed = replace(description, **{field: other})  # type: ignore[arg-type]

    before, after = (b"".join(array.tobytes() for array in each.arrays()) for each in (description, changed))
    assert before != after
