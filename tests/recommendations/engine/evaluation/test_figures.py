from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.evaluation.figures import ask, measure
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.popularity import Popularity

# Item 00 is the most popular of 30, item 29 the least.
ITEMS = [f"{number:02}" for number in range(30)]
LOG = Interactions.from_columns(
    [f"u{user}" for number in range(30) for user in range(30 - number)],
    [ITEMS[number] for number in range(30) for _ in range(30 - number)],
    [0] * 465,
    ["view"] * 465,
)


def make_split(*answers: str, seen: str = "") -> Split:
    history = (Event(seen, 0, "view"),) if seen else ()
    cases = tuple(Case(f"u{number}", history, frozenset(answer.split())) for number, answer in enumerate(answers))
    return Split("hand-made", LOG, cases, LOG.item_ids)


def test_measure_counts_one_answer_by_its_rank() -> None:
    split = make_split("00", "03", "15", "22", "27", "never-seen")

    figures = measure(Popularity().fit(LOG), split)

    assert figures.ndcg_at_10 == pytest.approx((1 + 1 / np.log2(5)) / 6)
    assert figures.recall_at_20 == pytest.approx(3 / 6)
    assert figures.mrr_at_25 == pytest.approx((1 + 1 / 4 + 1 / 16 + 1 / 23) / 6)
    assert figures.coverage_at_10 == pytest.approx(10 / 30)
    assert figures.n_cases == 6


def test_measure_counts_several_answers_by_what_could_be_reached() -> None:
    figures = measure(Popularity().fit(LOG), make_split("01 29"))

    assert figures.ndcg_at_10 == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert figures.recall_at_20 == 0.5


def test_measure_takes_what_was_seen_out_of_the_lists() -> None:
    split = make_split("01", "00", seen="00")

    figures = measure(Popularity().fit(LOG), split, filter_seen=True)

    # The first answer moves up to the first rank; the second was seen and counts as missed.
    assert (figures.ndcg_at_10, figures.mrr_at_25, figures.n_cases) == (0.5, 0.5, 2)
    assert figures.coverage_at_10 == pytest.approx(10 / 30)


def test_measure_drops_seen_answers_where_asked() -> None:
    split = make_split("01", "00", "00 01", seen="00")

    figures = measure(Popularity().fit(LOG), split, filter_seen=True, drop_seen_answers=True)

    assert (figures.ndcg_at_10, figures.n_cases) == (1.0, 2)


def test_measure_without_a_case_says_so() -> None:
    with pytest.raises(NotEnoughData, match="hand-made"):
        measure(Popularity().fit(LOG), make_split())


def test_ask_ranks_among_some_items_alone() -> None:
    split = make_split("20", "03")

    answers = ask(Popularity().fit(LOG), split, among=["19", "20", "21", "no such item"])

    assert answers.hits[0, :4].tolist() == [False, True, False, False]
    assert not answers.hits[1].any()
    assert answers.ndcg_at_10().tolist() == [pytest.approx(1 / np.log2(3)), 0.0]
