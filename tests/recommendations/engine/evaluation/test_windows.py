from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.evaluation.windows import NDCG_AT_10, Asking, Result, compare_windows
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData, UnknownRecipe
from recommendations.engine.interactions import Interactions

DAY_S = 86_400
START_S = 1_300_000_000
POPULARITY, BLEND = "aws-popularity-count", "aws-user-personalization"


def make_fashion(days: int = 60, n_users: int = 80) -> Interactions:
    """Everybody wants one dozen of items until day 40, and another dozen from then on, three a day."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user:03}", f"{'old' if day < 40 else 'new'}-{item:02}", START_S + day * DAY_S + 60 * number)
        for user in range(n_users)
        for day in range(user % 5, days, 5)
        for number, item in enumerate(rng.permutation(12)[:3].tolist())
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def by_place(results: tuple[Result, ...]) -> dict[tuple[str, float | None], Result]:
    return {(each.recipe, each.window_days): each for each in results}


def test_compare_windows_asks_every_recipe_and_window_the_same() -> None:
    results, skipped = compare_windows(make_fashion(), [POPULARITY, BLEND], [10, None])

    assert skipped == ()
    assert [(each.window_days, each.recipe) for each in results] == [
        (10, POPULARITY),
        (10, BLEND),
        (None, POPULARITY),
        (None, BLEND),
    ]
    asked = [[(case.user_id, case.truth) for case in each.evaluation.cases] for each in results]
    assert len(asked[0]) > 50
    assert all(each == asked[0] for each in asked)
    assert results[0].n_events < results[2].n_events


def test_compare_windows_trains_and_remembers_nothing_from_before_the_window() -> None:
    log = make_fashion()

    results, _ = compare_windows(log, [POPULARITY], [10, None])

    short, whole = results
    shown = {item_id for ids in short.evaluation.lists for item_id in ids}
    assert all(item_id.startswith("new") for item_id in shown)
    newest_trained = log.timestamps.max() - 59 * DAY_S / 10
    for case in short.evaluation.cases:
        assert all(event.timestamp > newest_trained - 11 * DAY_S for event in case.history)
    assert max(len(case.history) for case in whole.evaluation.cases) > 20


def test_compare_windows_sets_recipes_and_windows_beside_each_other_case_by_case() -> None:
    results, _ = compare_windows(make_fashion(), [BLEND, "aws-trending-now"], [10, 30, None])
    placed = by_place(results)

    trending, longest = placed["aws-trending-now", 30], placed["aws-trending-now", None]

    assert placed[BLEND, 10].against_first is None
    assert longest.against_longest is None
    against, before = trending.against_first, trending.against_longest
    assert against is not None
    assert before is not None
    mean = trending.evaluation.metric(NDCG_AT_10).value
    assert against.difference == pytest.approx(mean - placed[BLEND, 30].evaluation.metric(NDCG_AT_10).value)
    assert before.difference == pytest.approx(mean - longest.evaluation.metric(NDCG_AT_10).value)
    assert before.low <= before.difference <= before.high


def test_compare_windows_without_seen_items_asks_all_windows_the_same() -> None:
    results, _ = compare_windows(make_fashion(), [POPULARITY], [10, None], Asking("temporal", filter_seen=True))

    short, whole = results
    assert not short.evaluation.repeats
    assert short.against_longest is not None
    for case, ids in zip(short.evaluation.cases, short.evaluation.lists, strict=True):
        assert case.truth.isdisjoint(event.item_id for event in case.history)
        assert set(ids).isdisjoint(event.item_id for event in case.history)
    assert short.evaluation.n_cases == whole.evaluation.n_cases


def test_compare_windows_passes_over_a_recipe_that_the_data_do_not_suit() -> None:
    results, skipped = compare_windows(make_fashion(), [POPULARITY, "aws-hrnn-metadata"], [None])

    assert [each.recipe for each in results] == [POPULARITY]
    (one,) = skipped
    assert (one.recipe, one.window_days) == ("aws-hrnn-metadata", None)
    assert "tems" in one.reason


def test_compare_windows_reports_how_far_it_is() -> None:
    told: list[tuple[float, str]] = []

    compare_windows(make_fashion(), [POPULARITY], [10, None], progress=lambda share, note: told.append((share, note)))

    assert told == [(0.0, f"{POPULARITY}, 10 days"), (0.5, f"{POPULARITY}, all")]


def test_compare_windows_refuses_what_makes_no_sense() -> None:
    log = make_fashion()

    with pytest.raises(UnknownRecipe, match="aws-nothing"):
        compare_windows(log, ["aws-nothing"], [None])
    with pytest.raises(InvalidHyperparameter, match="window is 0"):
        compare_windows(log, [POPULARITY], [0])
    with pytest.raises(InvalidHyperparameter, match="test_days is -1"):
        compare_windows(log, [POPULARITY], [None], Asking(test_days=-1))
    with pytest.raises(NotEnoughData):
        compare_windows(log, [POPULARITY], [None], Asking(test_days=1_000))


@pytest.mark.parametrize("filter_seen", [False, True])
def test_compare_windows_tells_every_window_the_same_of_a_shopper(filter_seen: bool) -> None:
    log = make_fashion()
    ages = Metadata.build(log.user_ids, numerical={"AGE": [float(20 + number) for number in range(log.n_users)]})

    results, _ = compare_windows(
        log.with_metadata(None, ages), [POPULARITY], [10, None], Asking("temporal", filter_seen=filter_seen)
    )

    for result in results:
        traits = [case.traits for case in result.evaluation.cases]
        assert all(known is not None and known.numerical["AGE"] >= 20 for known in traits)
