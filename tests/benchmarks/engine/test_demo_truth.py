from functools import cache

import numpy as np

from benchmarks.engine.demo_truth import Exam, build_exam, grade_ranking, grade_recipe, grade_truth, share_of
from recommendations.engine.evaluation.metrics import ndcg


@cache
def exam() -> Exam:
    return build_exam("small", seed=1, n_questions=300)


def test_exam_asks_only_what_came_after_the_training_and_exists() -> None:
    asked = exam()

    newest = asked.train.timestamps.max()
    assert len(asked.questions) == 300
    for question in asked.questions:
        assert question.is_released[question.came]
        assert question.history[-1].timestamp <= newest + 8 * 86_400
        assert question.chances[~question.is_released].sum() == 0
    assert any(question.history[-1].timestamp > newest for question in asked.questions)


def test_exam_shows_no_answer() -> None:
    number = {sku: item for item, sku in enumerate(exam().skus)}
    last = [number[question.history[-1].item_id] for question in exam().questions]

    repeated = sum(item == question.came for item, question in zip(last, exam().questions, strict=True))
    likely = np.array([question.chances[item] for item, question in zip(last, exam().questions, strict=True)])

    # A history that held its own answer would end with it far oftener than the dice let it.
    assert abs(repeated - likely.sum()) < 4 * np.sqrt((likely * (1 - likely)).sum())
    assert repeated < 0.2 * len(last)


def test_best_ranking_is_the_truths_and_its_gain_is_what_comes() -> None:
    knowing, blind = grade_truth(exam())

    rng = np.random.default_rng(0)
    guessed = grade_ranking("chance", [rng.permutation(len(exam().skus))[:10] for _ in exam().questions], exam())
    assert knowing.expected.mean() > blind.expected.mean() > 10 * guessed.expected.mean()
    spread = knowing.realised.std() / np.sqrt(len(knowing.realised))
    assert abs(knowing.realised.mean() - knowing.expected.mean()) < 3 * spread
    share, low, high = share_of(blind, knowing, exam())
    assert low <= share <= high < 1
    assert share_of(knowing, knowing, exam()) == (1.0, 1.0, 1.0)


def test_realised_gain_is_ndcg_at_10() -> None:
    lists = [np.argsort(-question.chances)[:10] for question in exam().questions]

    realised = grade_ranking("truth", lists, exam()).realised

    hits = np.array([ranked == question.came for ranked, question in zip(lists, exam().questions, strict=True)])
    np.testing.assert_allclose(realised, ndcg(hits, np.ones(len(hits), np.int64), 10))


def test_recipe_is_graded_between_chance_and_truth() -> None:
    knowing, _ = grade_truth(exam())

    grade = grade_recipe("aws-popularity-count", exam(), None, seed=1)

    assert 0 < grade.expected.mean() < 0.2 * knowing.expected.mean()
