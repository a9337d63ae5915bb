"""The gates on lists, by hand: coverage, popularity and overlap."""

import pytest

from recommendations.exceptions import BackendUnavailable
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.lists import (
    Sampled,
    check_coverage,
    check_overlap,
    check_popularity,
    sample_lists,
)
from recommendations.pipeline.gates.results import Verdict

RECIPE = "aws-user-personalization"
ONE, OTHER = ("a", "b"), ("c", "d")


def test_check_coverage_counts_different_items_of_those_that_could_be_shown() -> None:
    result = check_coverage(Sampled([ONE, ONE, OTHER], None), 8, RECIPE, GateBounds())

    assert (result.figure, result.verdict) == (round(4 / 6, 5), Verdict.PASSED)


@pytest.mark.parametrize(("new", "verdict"), [([ONE, OTHER], Verdict.PASSED), ([ONE, ONE], Verdict.FAILED)])
def test_check_coverage_asks_for_seven_tenths_of_lives(new: list[tuple[str, ...]], verdict: Verdict) -> None:
    assert check_coverage(Sampled(new, [ONE, OTHER]), 8, RECIPE, GateBounds()).verdict is verdict


def test_check_popularity_is_the_share_of_slots() -> None:
    sampled = Sampled([ONE, OTHER], None)

    assert check_popularity(sampled, ["a", "b", "c"], 100, RECIPE, GateBounds()).figure == 0.75
    assert check_popularity(sampled, ["a", "b", "c"], 100, RECIPE, GateBounds()).verdict is Verdict.FAILED
    assert check_popularity(sampled, ["a", "b", "c"], 99, RECIPE, GateBounds()).verdict is Verdict.NOT_JUDGED


def test_recipes_that_mean_one_list_for_all_are_not_judged_by_variety() -> None:
    sampled, bounds = Sampled([ONE] * 50, None), GateBounds()

    results = [
        check_coverage(sampled, 1_000, "aws-popularity-count", bounds),
        check_popularity(sampled, ONE, 1_000, "aws-popularity-count", bounds),
    ]

    assert [each.verdict for each in results] == [Verdict.NOT_JUDGED] * 2


@pytest.mark.parametrize(
    ("live", "share", "verdict"),
    [
        ([ONE, OTHER], 1.0, Verdict.PASSED),
        ([("b", "a"), ("x", "y")], 0.5, Verdict.PASSED),
        ([("x", "y"), ("x", "y")], 0.0, Verdict.FAILED),
    ],
)
def test_check_overlap_compares_shopper_by_shopper(live: list[tuple[str, ...]], share: float, verdict: Verdict) -> None:
    result = check_overlap(Sampled([ONE, OTHER], live), GateBounds())

    assert (result.figure, result.verdict) == (share, verdict)


def test_check_overlap_may_ask_for_news() -> None:
    bounds = GateBounds.parse({"max_overlap_share": 0.95})

    assert check_overlap(Sampled([ONE], [ONE]), bounds).verdict is Verdict.FAILED


def test_live_campaign_that_does_not_answer_keeps_no_new_one_out() -> None:
    def broken(shopper_key: str) -> tuple[str, ...]:
        raise BackendUnavailable("gone")

    sampled = sample_lists(["ann", "bob"], lambda key: ONE, broken)

    result = check_overlap(sampled, GateBounds())
    assert sampled.new == [ONE, ONE]
    assert (result.verdict, "gone" in result.note) == (Verdict.NOT_JUDGED, True)
