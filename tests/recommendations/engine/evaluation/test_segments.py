from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.evaluation.asking import NDCG_AT_25, evaluate
from recommendations.engine.evaluation.segments import COLD, split_by_segment
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.popularity import Popularity

# Twelve users with a, ten with b ... two with f: popularity ranks them in this order, and e and f are cold.
COUNTS = {"a": 12, "b": 10, "c": 8, "d": 6, "e": 4, "f": 2}


def make_split(*cases: Case) -> Split:
    rows = [(f"u{user}", item) for item, n in COUNTS.items() for user in range(n)]
    users, items = zip(*rows, strict=True)
    train = Interactions.from_columns(users, items, [0] * len(rows), ["view"] * len(rows))
    return Split("hand-made", train, cases, train.item_ids)


def history(n_events: int) -> tuple[Event, ...]:
    return tuple(Event("a", number, "view") for number in range(n_events))


def gain(rank: int) -> float:
    return float(1 / np.log2(1 + rank))


def test_segments_sort_cases_by_the_length_of_their_history() -> None:
    split = make_split(
        Case("new", (), frozenset("a")),
        Case("short", history(4), frozenset("b")),
        Case("also short", history(1), frozenset("c")),
        Case("middling", history(5), frozenset("d")),
        Case("long", history(20), frozenset("a")),
    )
    evaluation = evaluate(Popularity().fit(split.train), split)

    found = {segment.name: segment for segment in split_by_segment(evaluation, split.train)}

    assert {name: segment.n_cases for name, segment in found.items()} == {
        "no history": 1,
        "1 to 4 events": 2,
        "5 to 19 events": 1,
        "20 or more": 1,
    }
    assert found["no history"].value == gain(1)
    assert found["1 to 4 events"].value == pytest.approx((gain(2) + gain(3)) / 2)
    assert found["1 to 4 events"].low == pytest.approx(gain(3))
    assert found["1 to 4 events"].high == pytest.approx(gain(2))
    assert found["5 to 19 events"].value == pytest.approx(gain(4))


def test_segments_judge_rare_items_by_their_own_rank() -> None:
    split = make_split(
        Case("both", history(1), frozenset("ae")),
        Case("rare", history(1), frozenset("f")),
        Case("no", (), frozenset("b")),
    )
    evaluation = evaluate(Popularity().fit(split.train), split)

    cold = {segment.name: segment for segment in split_by_segment(evaluation, split.train)}[COLD]

    assert cold.n_cases == 2
    assert cold.value == pytest.approx((gain(5) + gain(6)) / 2)


def test_segments_by_length_add_up_to_the_whole() -> None:
    cases = [Case(f"user {n}", history(n % 25), frozenset("abcdef"[n % 6])) for n in range(60)]
    split = make_split(*cases)
    evaluation = evaluate(Popularity().fit(split.train), split)

    parts = [each for each in split_by_segment(evaluation, split.train) if each.name != COLD]

    assert sum(each.n_cases for each in parts) == 60
    whole = sum(each.value * each.n_cases for each in parts) / 60
    assert whole == pytest.approx(evaluation.metric(NDCG_AT_25).value)
