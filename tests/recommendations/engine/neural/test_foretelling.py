from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.batches import Sequences
from recommendations.engine.neural.foretelling import Cut, choose_withheld
from recommendations.engine.neural.network import Network

N_ITEMS = 50


def make_interactions(n_users: int = 400, length: int = 4) -> Interactions:
    """Each item is followed by the next one of a ring."""
    rows = [
        (f"u{user:04}", f"i{(user + place) % N_ITEMS:02}", place) for user in range(n_users) for place in range(length)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def make_cut(interactions: Interactions, weights: np.ndarray | None = None) -> Cut:
    ones = np.ones(len(interactions), np.float32) if weights is None else weights
    sequences = Sequences.of(interactions, ones, 1_800, is_timed=False)
    return Cut.of(sequences, choose_withheld(interactions, 1_000, 0))


def network_that_foretells(step: int) -> Network:
    """Scores item i + step highest after item i, by its vectors alone."""
    ones = np.eye(N_ITEMS, dtype=np.float32)
    network = Network.begin(ones, np.roll(ones, step, axis=0), n_types=1, n_hidden=32, chance=np.random.default_rng(0))
    network.weights["project"][:] = 0
    return network


def users_of(interactions: Interactions, withheld: np.ndarray) -> set[str]:
    return {interactions.user_ids[user] for user in interactions.users[withheld]}


def test_withheld_is_the_newest_event_of_at_most_a_fifth_of_the_users() -> None:
    interactions = make_interactions()

    withheld = choose_withheld(interactions, 1_000, 0)

    assert len(withheld) == 80
    assert set(withheld.tolist()) <= set((interactions.starts[1:] - 1).tolist())
    assert len(choose_withheld(interactions, 50, 0)) == 50
    assert users_of(interactions, choose_withheld(interactions, 1_000, 1)) != users_of(interactions, withheld)


def test_nobody_is_withheld_where_there_are_few_users_or_short_histories() -> None:
    assert len(choose_withheld(make_interactions(n_users=100), 1_000, 0)) == 0
    assert len(choose_withheld(make_interactions(length=2), 1_000, 0)) == 0
    assert len(choose_withheld(make_interactions(), 0, 0)) == 0


def test_the_next_night_withholds_of_those_who_were_there_nobody_else() -> None:
    tonight = choose_withheld(make_interactions(n_users=600), 60, 0)
    last_night = choose_withheld(make_interactions(n_users=500), 60, 0)

    of_both = {user for user in users_of(make_interactions(n_users=600), tonight) if user < "u0500"}

    assert 30 < len(of_both) < 60
    assert of_both <= users_of(make_interactions(n_users=500), last_night)


def test_measure_is_one_for_a_network_that_knows_and_none_for_one_that_does_not() -> None:
    cut = make_cut(make_interactions())

    assert cut.measure(network_that_foretells(1)) == 1.0
    assert cut.measure(network_that_foretells(11)) == 0.0


def test_measure_ranks_a_historys_items_only_where_the_answer_is_one_of_them() -> None:
    # The network foretells the event before the last, which the history holds; the answer is its second choice.
    network = network_that_foretells(-1)
    network.weights["items_out"] += 0.5 * network_that_foretells(1).weights["items_out"]
    back = [
        (f"u{user:03}", f"i{item % N_ITEMS:02}", t)
        for user in range(200)
        for t, item in enumerate((user, user + 1, user))
    ]
    users, items, times = zip(*back, strict=True)
    repeating = Interactions.from_columns(users, items, times, ["view"] * len(back))

    assert make_cut(make_interactions()).measure(network) == 1.0
    assert make_cut(repeating).measure(network) == 1.0
    assert make_cut(repeating).measure(network_that_foretells(1)) < 1.0


def test_measure_weighs_answers_as_their_events_are_weighed() -> None:
    interactions = make_interactions()
    cut = make_cut(interactions)
    known = np.flatnonzero(interactions.items == 7)
    weights = np.full(len(interactions), 1e-6, np.float32)
    weights[known] = 1.0
    network = network_that_foretells(11)
    network.weights["items_out"][7] = network_that_foretells(1).weights["items_out"][7] * 9

    assert cut.measure(network) < 0.5
    assert make_cut(interactions, weights).measure(network) == pytest.approx(1.0, abs=1e-3)
