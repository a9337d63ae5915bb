from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.asking import METRICS, NDCG_AT_25, compare, evaluate
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.training import TrainingRun


class FixedOrder(Recommender):
    """Recommends the catalogue from its end, or from its start."""

    name: ClassVar[str] = "fixed"
    learned: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, from_end: bool = True) -> None:
        self.from_end = from_end
        self.event_weights = None
        self.seed = 0

    def check(self) -> None:
        pass

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        order = np.arange(1, len(self.item_ids_) + 1, dtype=np.float32)
        return order if self.from_end else order[::-1].copy()

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        pass


def make_split(*cases: Case) -> Split:
    train = Interactions.from_columns(["u"] * 5, list("abcde"), range(5), ["view"] * 5)
    return Split("hand-made", train, cases, train.item_ids)


def history(items: str) -> tuple[Event, ...]:
    return tuple(Event(item, number, "view") for number, item in enumerate(items))


def test_evaluate_matches_the_guides_example() -> None:
    # The list is e d c b a, so that d and a are hits at ranks 2 and 5.
    split = make_split(Case("u", history("b"), frozenset("da")))

    evaluation = evaluate(FixedOrder().fit(split.train), split)

    assert evaluation.metric("mean_reciprocal_rank_at_25").value == 0.5
    assert evaluation.metric("normalized_discounted_cumulative_gain_at_5").value == pytest.approx(0.62405, abs=5e-6)
    assert evaluation.metric("precision_at_5").value == 0.4
    assert evaluation.coverage == 1.0
    assert [metric.name for metric in evaluation.metrics] == list(METRICS)


def test_evaluate_without_repeats_neither_offers_nor_counts_what_the_history_has() -> None:
    split = make_split(
        Case("u", history("e"), frozenset("ed")),  # e does not count, and d moves up to the first rank
        Case("v", history("e"), frozenset("e")),  # nothing is left to foretell
    )

    evaluation = evaluate(FixedOrder().fit(split.train), split, repeats=False)

    assert evaluation.n_cases == 1
    assert evaluation.metric(NDCG_AT_25).value == 1.0


def test_evaluate_counts_items_outside_the_catalogue_as_misses() -> None:
    split = make_split(Case("u", (), frozenset({"e", "new"})))

    evaluation = evaluate(FixedOrder().fit(split.train), split)

    assert evaluation.metric(NDCG_AT_25).value == pytest.approx(1 / (1 + 1 / np.log2(3)))


def test_evaluate_gives_the_same_in_small_batches_and_reports_progress() -> None:
    split = make_split(*(Case(f"u{number}", (), frozenset("abcde"[number % 5])) for number in range(23)))
    model = FixedOrder().fit(split.train)
    shares: list[float] = []

    small = evaluate(model, split, batch_size=4, progress=lambda share, _: shares.append(share))

    np.testing.assert_array_equal(small.values, evaluate(model, split).values)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_evaluate_puts_the_mean_inside_its_interval() -> None:
    split = make_split(*(Case(f"u{number}", (), frozenset("abcde"[number % 5])) for number in range(50)))

    metric = evaluate(FixedOrder().fit(split.train), split).metric(NDCG_AT_25)

    assert metric.low < metric.value < metric.high


def test_evaluate_without_a_case_says_so() -> None:
    split = make_split()

    with pytest.raises(NotEnoughData, match="hand-made"):
        evaluate(FixedOrder().fit(split.train), split)


def test_compare_is_surer_than_the_two_intervals() -> None:
    split = make_split(*(Case(f"u{number}", (), frozenset("cde"[number % 3])) for number in range(60)))
    better = evaluate(FixedOrder().fit(split.train), split)
    worse = evaluate(FixedOrder(from_end=False).fit(split.train), split)

    comparison = compare(better, worse)

    assert 0 < comparison.low < comparison.difference < comparison.high
    expected = better.metric(NDCG_AT_25).value - worse.metric(NDCG_AT_25).value
    assert comparison.difference == pytest.approx(expected)


def test_compare_refuses_different_cases_and_unknown_metrics() -> None:
    one, two = (make_split(Case(user, (), frozenset("a"))) for user in "uv")
    first, second = (evaluate(FixedOrder().fit(split.train), split) for split in (one, two))

    with pytest.raises(ValueError, match="different cases"):
        compare(first, second)
    with pytest.raises(KeyError, match="recall"):
        compare(first, first, metric="recall")
