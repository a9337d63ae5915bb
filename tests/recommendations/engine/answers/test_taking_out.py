from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.answers.answering import Answering
from recommendations.engine.answers.taking_out import decay_without, keep_without, newest_needed
from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.ease import Ease
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.similar import SimilarItems
from recommendations.engine.models.trending import Trending
from recommendations.engine.models.vsknn import SessionNeighbours

ITEMS = np.array([3, 1, 3, 2], np.intp)


def make_log() -> Interactions:
    chance = np.random.default_rng(2)
    users = np.repeat(np.arange(150), 12)
    items = (users + chance.integers(0, 8, len(users)) ** 2) % 40
    return Interactions.from_columns(
        [f"u{user:03}" for user in users.tolist()],
        [f"i{item:02}" for item in items.tolist()],
        np.arange(len(users)).tolist(),
        ["view"] * len(users),
    )


LOG = make_log()


def test_keep_without_leaves_every_event_on_an_item_out() -> None:
    assert keep_without(ITEMS, np.array([3, 2])).tolist() == [
        [True, True, True, True],
        [False, True, False, True],
        [True, True, True, False],
    ]


def test_decay_without_counts_only_the_events_that_are_left() -> None:
    decays = decay_without(ITEMS, np.array([3, 2], np.intp), 0.5, reach=3)

    assert decays.tolist() == [[0.0, 0.25, 0.5, 1.0], [0.0, 0.5, 0.0, 1.0], [0.25, 0.5, 1.0, 0.0]]


def test_newest_needed_reaches_past_what_is_taken_out() -> None:
    assert newest_needed(ITEMS, np.array([3], np.intp), 2).tolist() == [3, 1, 3, 2]
    assert newest_needed(ITEMS, np.array([2], np.intp), 2).tolist() == [1, 3, 2]
    assert newest_needed(ITEMS, np.empty(0, np.intp), 2).tolist() == [3, 2]


@pytest.mark.parametrize(
    "model",
    [
        SequentialRules(),
        SequentialRules(history_decay=1.0),
        ItemNeighbours(history_size=5),
        Ease(history_size=6),
        Popularity(),
        Trending(),
        Repeats(),
        SimilarItems(),
    ],
    ids=lambda model: model.name,
)
@pytest.mark.parametrize("length", [1, 7, 30])
def test_scores_without_an_item_are_those_of_the_history_that_is_left(model: Recommender, length: int) -> None:
    model = model.clone().fit(LOG)
    encoded = model.encode(LOG.events(0, length))
    taken_out = np.array(list(dict.fromkeys(encoded.items.tolist()))[:4], np.intp)
    items = np.array([0, 39, 5, 17], np.intp)

    found = model.score_without(encoded, taken_out, items)

    np.testing.assert_allclose(found, Answering.score_without(model, encoded, taken_out, items), rtol=1e-4, atol=1e-7)


def test_what_sessions_vote_without_an_item_is_close_to_what_others_would_vote() -> None:
    model = SessionNeighbours(k=10_000, sample=10_000).fit(LOG)
    encoded = model.encode(LOG.events(0, 9))
    taken_out = np.array(list(dict.fromkeys(encoded.items.tolist()))[:3], np.intp)
    items = np.arange(len(model.item_ids_))

    found = model.score_without(encoded, taken_out, items)

    # With room for every session that shares an item, no other could vote instead.
    np.testing.assert_allclose(found, Answering.score_without(model, encoded, taken_out, items), rtol=1e-3, atol=1e-5)


def test_a_blend_keeps_the_scale_of_its_parts_when_an_item_is_taken_out() -> None:
    parts: dict[str, Recommender] = {"rules": SequentialRules(), "popularity": Popularity(), "repeats": Repeats()}
    model = Blend(parts, weights={"rules": 1.0, "popularity": 0.2, "repeats": -0.3}).fit(LOG)
    encoded = model.encode(LOG.events(0, 9))
    taken_out, items = encoded.items[-1:], np.arange(len(model.item_ids_))

    whole, without = model.score_without(encoded, taken_out, items)

    np.testing.assert_allclose(whole, model.score_history(encoded), rtol=1e-4, atol=1e-7)
    rules, popular, repeats = model.parts_.values()
    left = encoded.without(int(taken_out[0]))
    offered = sum(
        weight * part.score_history(left) / part.score_history(encoded).max()
        for weight, part in ((1.0, rules), (0.2, popular))
    )
    held_back = 0.3 * repeats.score_history(left) / repeats.score_history(encoded).max()
    np.testing.assert_allclose(without, np.maximum(offered - held_back, 1e-6 * offered), rtol=1e-3, atol=1e-6)
