"""Exploration: young items alone, by how they did so far, the same list for the same id."""

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.answers.exploration import (
    DAY_S,
    MOST_TRIED,
    MOST_YOUNG,
    WELL_KNOWN,
    ExplorationConfig,
    Shown,
    explore,
    find_young,
)
from recommendations.engine.answers.scoring import Everywhere, Somewhere
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.exceptions import InvalidHyperparameter

N_ITEMS, K = 200, 12
OLD_SCORES = np.linspace(1.0, 0.1, N_ITEMS).astype(np.float32)
YOUNG = np.arange(150, 200)


def ask(
    *,
    weight: float = 0.3,
    scores: NDArray[np.float32] = OLD_SCORES,
    young: NDArray[np.intp] = YOUNG,
    shown: Shown | None = None,
    allowed: NDArray[np.bool_] | None = None,
    recommendation_id: str = "one",
    k: int = K,
) -> list[int]:
    items: list[int] = explore(
        Everywhere(scores),
        k,
        allowed,
        weight=weight,
        young=young,
        shown=shown or Shown.never(len(young)),
        recommendation_id=recommendation_id,
    ).items.tolist()
    return items


def count_lists_with(item: int, *, n: int = 300, **settings: object) -> int:
    return sum(item in ask(recommendation_id=f"list {number}", **settings) for number in range(n))  # type: ignore[arg-type]


def test_exploration_of_no_weight_is_the_models_own_list() -> None:
    lists = [ask(weight=0.0, recommendation_id=f"{number}") for number in range(5)]

    assert lists == [list(range(K))] * 5
    assert ask(young=np.empty(0, np.intp)) == list(range(K))


def test_exploration_gives_one_list_to_one_id() -> None:
    again = [ask(weight=0.8, recommendation_id="one") for _ in range(3)]
    others = {tuple(ask(weight=0.8, recommendation_id=f"{number}")) for number in range(20)}

    assert again[0] == again[1] == again[2]
    assert len(others) > 15


def test_exploration_brings_up_young_items_alone_and_leaves_the_others_in_their_order() -> None:
    found = [ask(weight=0.9, recommendation_id=f"{number}") for number in range(20)]

    for items in found:
        assert len(set(items)) == K
        assert any(item in YOUNG for item in items)
        old = [item for item in items if item not in YOUNG]
        assert old == list(range(len(old)))


def test_exploration_brings_up_items_that_the_model_does_not_offer_at_all() -> None:
    scores = OLD_SCORES.copy()
    scores[YOUNG] = 0.0

    found = {item for number in range(20) for item in ask(weight=0.9, scores=scores, recommendation_id=f"{number}")}

    assert found & set(YOUNG.tolist())


def test_exploration_prefers_what_was_clicked_and_damps_what_was_passed_over() -> None:
    young = np.array([20, 21, 22, 23])
    shown = Shown(np.array([0.0, 100.0, 100.0, 8.0]), np.array([0.0, 30.0, 0.0, 0.0]))
    scores = OLD_SCORES.copy()
    scores[12:20] = 0.95

    fresh, liked, passed_over, shown_a_little = (
        count_lists_with(item, young=young, shown=shown, scores=scores, weight=0.5) for item in young.tolist()
    )

    assert liked > 290
    assert liked > fresh > shown_a_little > passed_over
    assert (fresh > 30, passed_over) == (True, 0)


def test_exploration_returns_no_item_that_is_not_allowed() -> None:
    allowed = np.ones(N_ITEMS, np.bool_)
    allowed[[0, 1, *range(160, 200)]] = False

    found = [ask(weight=0.9, allowed=allowed, recommendation_id=f"{number}") for number in range(30)]

    assert all(allowed[items].all() and len(items) == K for items in found)
    assert ask(weight=0.9, allowed=np.zeros(N_ITEMS, np.bool_)) == []


def test_exploration_keeps_lists_full_where_young_items_fill_them() -> None:
    found = [
        ask(weight=weight, young=np.arange(100), recommendation_id=f"{number}")
        for number in range(30)
        for weight in (0.3, 1.0)
    ]

    assert all(len(set(items)) == K for items in found)


def test_exploration_tries_some_of_very_many_items_another_time_others() -> None:
    young = np.arange(100, 5_000)
    scores = np.zeros(5_000, np.float32)
    scores[:100] = np.linspace(1.0, 0.9, 100)

    lists = [
        set(ask(weight=1.0, young=young, scores=scores, recommendation_id=f"{number}", k=200)) for number in range(10)
    ]

    assert all(len(items & set(young.tolist())) == MOST_TRIED for items in lists)
    assert len(set.union(*lists)) > 400


def test_exploration_works_where_the_model_offers_nothing() -> None:
    nothing = Somewhere.none(N_ITEMS)

    found = explore(nothing, K, None, weight=0.3, young=YOUNG, shown=Shown.never(len(YOUNG)), recommendation_id="one")

    assert len(set(found.items.tolist()) & set(YOUNG.tolist())) == K
    assert (np.diff(found.scores) <= 0).all()


def test_exploration_finds_the_better_of_many_new_items() -> None:
    rng = np.random.default_rng(5)
    shares = rng.choice([0.01, 0.15], 40, p=[0.9, 0.1])
    young = np.arange(20, 60)
    scores = np.concatenate((np.linspace(1.0, 0.6, 20), np.full(40, 0.55))).astype(np.float32)
    impressions, clicks = np.zeros(40), np.zeros(40)

    n_good = []
    for number in range(1_500):
        shown = Shown(impressions.copy(), clicks.copy())
        items = np.array(ask(weight=0.5, scores=scores, young=young, shown=shown, recommendation_id=f"{number}", k=6))
        tried = items[items >= 20] - 20
        impressions[tried] += 1
        clicks[tried] += rng.random(len(tried)) < shares[tried]
        n_good.append(np.mean(shares[tried] > 0.1) if len(tried) else np.nan)

    assert np.nanmean(n_good[-300:]) > 3 * np.mean(shares > 0.1)
    assert np.nanmean(n_good[-300:]) > np.nanmean(n_good[:300])


def test_young_items_are_those_within_the_cut_off_of_the_newest_interaction() -> None:
    newest_s = 100 * DAY_S
    created_at = [newest_s - 31 * DAY_S, newest_s - 29 * DAY_S, newest_s + DAY_S, UNKNOWN_TIME, 0]
    items = Metadata.build([f"i{number}" for number in range(5)], created_at)

    unknown = np.zeros(5, np.intp)

    young = find_young(items, unknown, newest_s, 30)

    assert young.tolist() == [1, 2]
    assert find_young(items, unknown, newest_s, 0).tolist() == [2]
    assert find_young(Metadata.build(["a"], categorical={"B": [("x",)]}), unknown[:1], newest_s, 30).tolist() == []


def test_young_items_of_many_events_are_known_well_enough() -> None:
    items = Metadata.build(list("abcd"), [1_000] * 4)

    young = find_young(items, np.array([0, WELL_KNOWN - 1, WELL_KNOWN, 1_000]), 2_000, 30)

    assert young.tolist() == [0, 1]


def test_young_items_are_the_newest_ten_thousand() -> None:
    n_items = MOST_YOUNG + 500
    items = Metadata.build([f"i{number:06}" for number in range(n_items)], range(1, n_items + 1))

    young = find_young(items, np.zeros(n_items, np.intp), n_items, 30)

    assert young.tolist() == list(range(500, n_items))


@pytest.mark.parametrize(("weight", "days"), [(-0.1, 30), (1.1, 30), (float("nan"), 30), (0.3, -1), (0.3, 10_001)])
def test_exploration_refuses_what_is_out_of_range(weight: float, days: float) -> None:
    with pytest.raises(InvalidHyperparameter, match="exploration_"):
        ExplorationConfig(weight, days)
