import numpy as np
import pytest

from benchmarks.engine.exam import LIST_SIZE, NOBODY, Exam, ask, choose_cases, grade
from recommendations.engine.evaluation.figures import measure
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.rules import SequentialRules

TRAIN = Interactions.from_columns(
    ["ann", "ann", "ann", "bob", "bob", "cat", "cat"],
    ["a", "b", "c", "a", "c", "b", "d"],
    [1, 2, 3, 1, 2, 1, 2],
    ["view"] * 7,
)


def make_case(user_id: str, history: str, truth: str) -> Case:
    events = tuple(Event(item_id, place, "view") for place, item_id in enumerate(history))
    return Case(user_id, events, frozenset(truth))


CASES = (make_case("ann", "abc", "d"), make_case("new", "za", "a"), make_case("bob", "", "b"))
SPLIT = Split("by hand", TRAIN, CASES, TRAIN.item_ids)


def make_lists(*rows: list[int]) -> np.ndarray:
    lists = np.full((len(rows), LIST_SIZE), NOBODY, np.int64)
    for place, row in enumerate(rows):
        lists[place, : len(row)] = row
    return lists


def test_exam_leaves_out_items_nobody_can_have_learned() -> None:
    exam = Exam.of(SPLIT, CASES, filter_seen=True)

    assert exam.history_items.tolist() == [0, 1, 2, 0]
    assert exam.history_starts.tolist() == [0, 3, 4, 4]
    assert exam.asked_users.tolist() == [0, NOBODY, 1]


def test_grade_counts_an_answer_by_its_rank_and_once() -> None:
    lists = make_lists([0, 3], [0, 0, 0], [1])

    grades = grade(lists, SPLIT, CASES)

    assert grades.ndcg.tolist() == pytest.approx([1 / np.log2(3), 1.0, 1.0])
    assert grades.recall.tolist() == [1.0, 1.0, 1.0]
    assert grades.coverage == 0.75


def test_grade_agrees_with_the_engine_s_own_figures() -> None:
    model = SequentialRules().fit(TRAIN)

    grades = grade(ask(model, SPLIT, CASES, filter_seen=True), SPLIT, CASES)

    figures = measure(model, SPLIT, filter_seen=True)
    assert figures.ndcg_at_10 > 0
    assert grades.ndcg.mean() == pytest.approx(figures.ndcg_at_10)
    assert grades.recall.mean() == pytest.approx(figures.recall_at_20)
    assert grades.coverage == pytest.approx(figures.coverage_at_10)


def test_grade_refuses_lists_of_another_exam() -> None:
    with pytest.raises(ValueError, match=r"give \(3, 25\)"):
        grade(make_lists([0]), SPLIT, CASES)


def test_new_only_asks_for_nothing_that_was_seen() -> None:
    cases = choose_cases(SPLIT, new_only=True)

    assert [case.user_id for case in cases] == ["ann", "bob"]


def test_lead_is_paired_and_refuses_other_questions() -> None:
    better, worse = (
        grade(make_lists([3], [0], [1]), SPLIT, CASES),
        grade(make_lists([0, 3], [1, 0], [0, 1]), SPLIT, CASES),
    )
    other = grade(make_lists([3]), SPLIT, CASES[:1])

    lead, low, high = better.lead_over(worse)

    # Every question is worse by the same amount, so that a paired interval has no width.
    assert lead == low == high == pytest.approx(1 - 1 / np.log2(3))
    with pytest.raises(ValueError, match="different questions"):
        better.lead_over(other)
