from __future__ import annotations

import pytest

from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.rules import SequentialRules


def after(*items: str) -> list[Event]:
    return [Event(item, number, "view") for number, item in enumerate(items)]


def test_rules_follow_the_order_of_events() -> None:
    log = Interactions.from_columns(["u", "u", "v", "v"], ["a", "b", "a", "b"], [1, 2, 1, 2], ["view"] * 4)
    model = SequentialRules().fit(log)

    assert model.recommend([after("a"), after("b")], 5)[0] == [["b"], []]


def test_rules_weigh_a_pair_by_one_over_its_distance() -> None:
    log = Interactions.from_columns(["u"] * 3, ["a", "b", "c"], [1, 2, 3], ["view"] * 3)

    scores = SequentialRules(popularity_discount=0).fit(log).score(after("a"))

    # Row a holds b at distance 1 and c at distance 2: (1, 1/2) over their sum.
    assert scores.tolist() == pytest.approx([0, 2 / 3, 1 / 3])


def test_rules_hold_popular_items_back() -> None:
    users = ["u", "u", "v", "v", *"wxyz"]
    log = Interactions.from_columns(
        users, ["a", "hit", "a", "rare", *["hit"] * 4], [1, 2, 1, 2, 1, 1, 1, 1], ["view"] * 8
    )

    assert SequentialRules().fit(log).recommend([after("a")], 2)[0] == [["rare", "hit"]]


def test_rules_keep_an_item_that_follows_itself() -> None:
    log = Interactions.from_columns(["u", "u"], ["a", "a"], [1, 2], ["view"] * 2)

    assert SequentialRules().fit(log).recommend([after("a")], 5)[0] == [["a"]]


def test_rules_never_pair_two_users() -> None:
    log = Interactions.from_columns(["u", "v"], ["a", "b"], [1, 2], ["view"] * 2)

    assert SequentialRules().fit(log).recommend([after("a")], 5)[0] == [[]]


def test_rules_keep_only_the_strongest_of_a_row() -> None:
    log = Interactions.from_columns(["u"] * 6, list("abcdef"), range(6), ["view"] * 6)

    assert SequentialRules(row_size=2).fit(log).recommend([after("a")], 5)[0] == [["b", "c"]]


def test_rules_count_the_newest_event_most() -> None:
    users = ["u", "u", "v", "v"]
    log = Interactions.from_columns(users, ["a", "x", "b", "y"], [1, 2, 1, 2], ["view"] * 4)
    model = SequentialRules(history_decay=0.5).fit(log)

    (ids,), (scores,) = model.recommend([after("a", "b")], 5)

    assert ids == ["y", "x"]
    assert scores[1] / scores[0] == pytest.approx(0.5)


def test_rules_explain_names_the_event_that_pulled_the_item_up() -> None:
    users = ["u", "u", "v", "v"]
    log = Interactions.from_columns(users, ["a", "x", "b", "y"], [1, 2, 1, 2], ["view"] * 4)
    model = SequentialRules().fit(log)

    assert [each.item_id for each in model.explain(after("a", "b"), "x")] == ["a"]
