"""Items after a training: scored as what they are like, in lists and among draws of chance."""

import numpy as np
import pytest

from recommendations.engine.answers.exploration import Shown, explore
from recommendations.engine.answers.scoring import Everywhere
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.models.newcomers import MOST_TRIED, N_ALIKE, Alike, Likeness, Widened

N_ITEMS = 100
GENRES = [("drama",) if item < 50 else ("comedy",) for item in range(N_ITEMS)]
KNOWN = Metadata.build(
    [f"{item:03}" for item in range(N_ITEMS)],
    categorical={"GENRE": GENRES},
    numerical={"PRICE": np.arange(N_ITEMS, dtype=float).tolist()},
)
N_EVENTS = np.arange(N_ITEMS)
# Someone who likes comedies, the last ones most.
SCORES = np.where(np.arange(N_ITEMS) < 50, 0.0, np.arange(N_ITEMS) / N_ITEMS).astype(np.float32)


def newcomers(*genres: str) -> Metadata:
    ids = [f"new-{place}" for place in range(len(genres))]
    return Metadata.build(ids, categorical={"GENRE": [(genre,) for genre in genres]})


def widened(alike: Alike) -> Widened:
    chance = np.random.default_rng(1)
    return Widened(Everywhere(SCORES), N_ITEMS, alike, lambda: chance)


def test_likeness_finds_items_that_share_what_is_known() -> None:
    found = Likeness(KNOWN, N_EVENTS).find(newcomers("drama", "comedy"))

    assert (found.items[0] < 50).all()
    assert (found.items[1] >= 50).all()
    assert found.weights.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_likeness_asks_the_items_with_most_events_among_equals() -> None:
    found = Likeness(KNOWN, N_EVENTS).find(newcomers("drama"))

    assert sorted(found.items[0].tolist()) == list(range(50 - N_ALIKE, 50))


def test_likeness_counts_numbers_by_the_tenth_that_they_lie_in() -> None:
    priced = Metadata.build(["new"], numerical={"PRICE": [95.5]})

    found = Likeness(KNOWN, N_EVENTS).find(priced)

    assert sorted(found.items[0][found.weights[0] > 0].tolist()) == list(range(90, 100))


def test_likeness_of_what_nothing_is_like_weighs_nothing() -> None:
    found = Likeness(KNOWN, N_EVENTS).find(newcomers("opera"))

    assert not found.weights.any()
    assert widened(found).at(np.array([N_ITEMS])).tolist() == [0.0]


def test_newcomer_scores_the_mean_of_what_it_is_like() -> None:
    alike = Likeness(KNOWN, N_EVENTS).find(newcomers("drama", "comedy"))

    drama, comedy, known = widened(alike).at(np.array([N_ITEMS, N_ITEMS + 1, 99])).tolist()

    assert drama == 0.0
    assert comedy == pytest.approx(SCORES[80:].mean())
    assert known == SCORES[99]


def test_newcomer_stands_in_a_list_where_its_score_puts_it() -> None:
    alike = Likeness(KNOWN, N_EVENTS).find(newcomers("drama", "comedy"))

    best = widened(alike).best(25).best(25)

    place = best.items.tolist().index(N_ITEMS + 1)
    assert SCORES[best.items[place - 1]] >= best.scores[place] >= SCORES[best.items[place + 1]]
    assert N_ITEMS not in best.items


def test_newcomers_that_are_not_allowed_are_not_listed() -> None:
    alike = Likeness(KNOWN, N_EVENTS).find(newcomers("comedy", "comedy"))
    allowed = np.ones(N_ITEMS + 2, np.bool_)
    allowed[N_ITEMS] = False

    best = widened(alike).best(50, allowed)

    assert N_ITEMS not in best.items
    assert N_ITEMS + 1 in best.items


def test_newcomers_beyond_what_one_list_tries_take_turns() -> None:
    alike = Likeness(KNOWN, N_EVENTS).find(newcomers(*["comedy"] * 3 * MOST_TRIED))
    scoring = widened(alike)

    lists = [frozenset(scoring.best(10).items[scoring.best(10).items >= N_ITEMS].tolist()) for _ in range(20)]

    assert {len(tried) for tried in lists} == {MOST_TRIED}
    assert len(frozenset().union(*lists)) > 2 * MOST_TRIED


def test_newcomer_whose_likes_are_not_liked_gets_a_chance_by_exploration() -> None:
    alike = Likeness(KNOWN, N_EVENTS).find(newcomers("drama"))
    place = np.array([N_ITEMS])

    def listed(weight: float) -> int:
        return sum(
            N_ITEMS
            in explore(
                widened(alike),
                25,
                None,
                weight=weight,
                young=place,
                shown=Shown.never(0).and_never(1),
                recommendation_id=f"{number}",
            ).items
            for number in range(200)
        )

    assert listed(0.0) == 0
    assert 5 < listed(0.3) < 200
