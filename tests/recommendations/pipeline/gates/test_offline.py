"""The offline gates, by hand: what is asked of whom, and when a loss is one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.evaluation.asking import NDCG_AT_25
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import build_recommender
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.offline import (
    Paired,
    cases_since,
    check_drop,
    check_measured_drop,
    check_paired,
    compare_with_live,
)
from recommendations.pipeline.gates.results import Verdict

DAY_S = 86_400


class FixedRanker:
    """A live model that answers by a table and knows whom it was asked about."""

    def __init__(self, lists: dict[str, list[str]]) -> None:
        self.lists = lists
        self.asked: list[str] = []

    def rank(self, user_ids: Sequence[str], k: int) -> list[list[str]]:
        self.asked.extend(user_ids)
        return [self.lists[user_id][:k] for user_id in user_ids]


def split_of(interactions: Interactions, *users: str) -> Split:
    cases = tuple(Case(user, (), frozenset()) for user in users)
    return Split("held-out users", interactions, cases, interactions.item_ids)


def test_cases_since_begin_with_the_first_basket_after_the_live_data_ended() -> None:
    times = [100, 200, DAY_S, DAY_S + 60, DAY_S + 7_200, 50, 60, DAY_S + 5]
    users = ["ann"] * 5 + ["bob"] * 2 + ["cat"]
    interactions = Interactions.from_columns(users, list("abcdefgh"), times, ["view"] * 8)

    cases = cases_since(interactions, split_of(interactions, "ann", "bob", "cat"), ended_at=DAY_S - 0.5)

    assert [(case.user_id, [event.item_id for event in case.history], set(case.truth)) for case in cases] == [
        ("ann", ["a", "b"], {"c", "d"}),
        ("cat", [], {"h"}),
    ]


def test_cases_since_leave_out_what_the_live_model_may_have_seen() -> None:
    interactions = Interactions.from_columns(["ann"] * 2, ["a", "b"], [100, 101], ["view"] * 2)

    cases = cases_since(interactions, split_of(interactions, "ann"), ended_at=100.9)

    assert [set(case.truth) for case in cases] == [{"b"}]


def test_new_model_is_told_what_is_known_of_the_shoppers(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Metadata.build(["ann", "bob"], categorical={"FIRST_SEEN_MONTH": [["2026-03"], ["2026-04"]]})
    log = Interactions.from_columns(["ann", "ann", "bob", "bob"], list("abab"), [1, 9, 2, 9], ["view"] * 4)
    cases = cases_since(log.with_metadata(None, known), split_of(log, "ann", "bob"), ended_at=5)
    new = build_recommender("aws-popularity-count", None, None).fit(log)
    told: list[Sequence[Traits | None]] = []

    def recommend(
        histories: Sequence[Any], _k: int, *, traits: Sequence[Traits | None]
    ) -> tuple[list[list[str]], None]:
        told.append(traits)
        return [["b"] for _ in histories], None

    monkeypatch.setattr(new, "recommend", recommend)

    compare_with_live(new, FixedRanker({"ann": ["b"], "bob": ["b"]}), cases)

    assert told == [[Traits.of(known, "ann"), Traits.of(known, "bob")]]
    assert None not in told[0]


def test_compare_with_live_asks_both_about_the_same_shoppers() -> None:
    past = Interactions.from_columns(list("uvw"), ["a", "a", "b"], [1, 2, 3], ["view"] * 3)
    new = build_recommender("aws-popularity-count", None, None).fit(past)
    cases = [Case("ann", (), frozenset({"a"})), Case("bob", (), frozenset({"b"}))]
    live = FixedRanker({"ann": ["x"], "bob": ["b"]})

    paired = compare_with_live(new, live, cases)

    assert live.asked == ["ann", "bob"]
    assert paired.new.tolist() == pytest.approx([1.0, 1 / np.log2(3)])
    assert paired.live.tolist() == [0.0, 1.0]


def paired(new: float, live: float, spread: float, n: int = 100) -> Paired:
    noise = np.random.default_rng(0).normal(0, spread, n)
    return Paired(tuple(f"u{number}" for number in range(n)), new + noise - noise.mean(), np.full(n, live))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (paired(0.30, 0.30, 0.01), Verdict.PASSED),
        (paired(0.29, 0.30, 0.001), Verdict.PASSED),
        (paired(0.20, 0.30, 0.05), Verdict.FAILED),
        (paired(0.20, 0.30, 5.0), Verdict.PASSED),
        (paired(0.10, 0.0, 0.01), Verdict.PASSED),
    ],
)
def test_check_paired_fails_a_loss_that_is_large_and_sure(values: Paired, verdict: Verdict) -> None:
    assert check_paired(values, GateBounds()).verdict is verdict


def measured(value: float, half_width: float) -> dict[str, Any]:
    interval = [value, value - half_width, value + half_width]
    return {"splits": [{"split": "held-out users", "repeats": True, "recipe": {NDCG_AT_25: interval}}]}


@pytest.mark.parametrize(
    ("new", "live", "verdict"),
    [
        (measured(0.30, 0.05), measured(0.32, 0.05), Verdict.PASSED),
        (measured(0.10, 0.05), measured(0.32, 0.05), Verdict.FAILED),
        (measured(0.10, 0.20), measured(0.32, 0.20), Verdict.PASSED),
        ({}, measured(0.32, 0.05), Verdict.NOT_JUDGED),
        (measured(0.30, 0.05), {}, Verdict.NOT_JUDGED),
    ],
)
def test_check_drop_fails_a_drop_that_is_large_and_sure(
    new: dict[str, Any], live: dict[str, Any], verdict: Verdict
) -> None:
    assert check_drop(new, live, GateBounds()).verdict is verdict


@pytest.mark.parametrize(
    ("new", "live", "verdict"),
    [
        (0.10, 0.10, Verdict.PASSED),
        (0.08, 0.10, Verdict.PASSED),
        (0.06, 0.10, Verdict.FAILED),
        (None, 0.10, Verdict.NOT_JUDGED),
        (0.10, None, Verdict.NOT_JUDGED),
        (0.10, 0.0, Verdict.NOT_JUDGED),
    ],
)
def test_check_measured_drop_compares_what_a_backend_measured_of_both(
    new: float | None, live: float | None, verdict: Verdict
) -> None:
    def measured(value: float | None) -> dict[str, object]:
        return {"measured": {} if value is None else {NDCG_AT_25: value}}

    found = check_measured_drop(measured(new), measured(live), GateBounds())

    assert (found.gate, found.verdict) == ("offline_drop", verdict)
    # A side that was measured here tells nothing of what the backend would say of it.
    assert check_measured_drop(measured(0.01), {"splits": []}, GateBounds()).verdict is Verdict.NOT_JUDGED
