from __future__ import annotations

import pytest

from recommendations.engine.exceptions import NotFitted
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.reranking import rank_items
from recommendations.engine.models.rules import SequentialRules


def make_model() -> SequentialRules:
    log = Interactions.from_columns(["u"] * 4 + ["v"] * 2, list("abcdab"), [1, 2, 3, 4, 1, 2], ["view"] * 6)
    return SequentialRules(popularity_discount=0).fit(log)


def test_rank_items_orders_by_the_models_own_score_and_drops_none() -> None:
    model = make_model()
    history = [Event("a", 0, "view")]

    ranked = rank_items(model, history, ["new", "d", "c", "b", "older"])

    scores = dict(zip(model.item_ids_, model.score(history).tolist(), strict=True))
    assert ranked == [("b", scores["b"]), ("c", scores["c"]), ("d", scores["d"]), ("new", 0.0), ("older", 0.0)]


def test_rank_items_keeps_the_order_where_nothing_is_known() -> None:
    model = make_model()

    assert [item for item, _ in rank_items(model, [], ["c", "a", "b"])] == ["c", "a", "b"]
    assert rank_items(model, [Event("never-seen", 0, "view")], ["y", "x"]) == [("y", 0.0), ("x", 0.0)]
    assert rank_items(model, [], []) == []


def test_rank_items_counts_an_item_once() -> None:
    assert [item for item, _ in rank_items(make_model(), [Event("a", 0, "view")], ["d", "b", "d"])] == ["b", "d"]


def test_rank_items_takes_500_items_and_no_more() -> None:
    model = make_model()

    assert len(rank_items(model, [], [f"i{number}" for number in range(500)])) == 500
    with pytest.raises(ValueError, match="holds 501 items; at most 500"):
        rank_items(model, [], [f"i{number}" for number in range(501)])


def test_rank_items_needs_a_trained_model() -> None:
    with pytest.raises(NotFitted):
        rank_items(SequentialRules(), [], ["a"])
