from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.choosing.weighing import Candidates, choose_weights, collect_candidates, quality
from recommendations.engine.evaluation.splits import Case
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.training import TrainingRun

GRID = (0.0, 0.5, 1.0)


def make_candidates(scores: list[list[list[float]]], hits: list[tuple[int, int]], **more: object) -> Candidates:
    array = np.array(scores, np.float32)
    facts: dict[str, object] = {
        "parts": tuple("abc"[: len(array)]),
        "grids": (GRID,) * len(array),
        "ideal": np.ones(array.shape[1]),
        "n_cases": array.shape[1],
        "k": 10,
    }
    return Candidates(scores=array, hits=np.array(hits).T, **{**facts, **more})  # type: ignore[arg-type]


def test_quality_is_the_mean_gain_of_the_answers_ranks() -> None:
    candidates = make_candidates([[[0.9, 0.5, 0.1], [0.2, 0.3, 0.4]]], [(0, 1), (1, 2)])

    assert quality(candidates, np.array([1.0])) == pytest.approx((1 / np.log2(3) + 1) / 2)


def test_quality_counts_cases_that_no_part_could_answer() -> None:
    candidates = make_candidates([[[1.0, 0.5]]], [(0, 0)], n_cases=4)

    assert quality(candidates, np.array([1.0])) == pytest.approx(0.25)


def test_quality_gives_nothing_for_what_is_not_offered_or_below_k() -> None:
    candidates = make_candidates([[[1.0, 0.0], [1.0, 0.5]]], [(0, 1), (1, 1)], k=1)

    assert quality(candidates, np.array([1.0])) == 0


def test_quality_adds_up_several_answers_to_one_question() -> None:
    candidates = make_candidates([[[0.9, 0.5, 0.1]]], [(0, 0), (0, 2)], ideal=np.array([1 + 1 / np.log2(3)]))

    assert quality(candidates, np.array([1.0])) == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3)))


def test_choose_weights_finds_the_part_that_answers() -> None:
    candidates = make_candidates([[[1.0, 0.6], [1.0, 0.6]], [[0.0, 1.0], [0.0, 1.0]]], [(0, 1), (1, 1)])

    chosen = choose_weights(candidates, {"a": 1.0})

    assert chosen["a"] * 0.4 < chosen["b"]


def test_choose_weights_leaves_a_start_that_leads_nowhere() -> None:
    # From the default no single step helps, since two parts that know nothing would have to be given up at once.
    noise = [[1.0, 0.0, 0.0]] * 3
    candidates = make_candidates([noise, noise, [[0.0, 0.0, 1.0]] * 3], [(row, 2) for row in range(3)], k=1)

    chosen = choose_weights(candidates, {"a": 1.0, "b": 1.0})

    assert chosen == {"a": 0.0, "b": 0.0, "c": 1.0}


def test_choose_weights_stays_with_the_default_where_nothing_gains() -> None:
    candidates = make_candidates([[[1.0, 0.1]], [[1.0, 0.2]]], [(0, 0)])

    assert choose_weights(candidates, {"a": 0.3, "b": 0.7}) == {"a": 0.3, "b": 0.7}


def make_log() -> Interactions:
    rows = [(f"u{user}", item, time) for user in range(9) for time, item in enumerate("abcab")]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def test_collect_candidates_scales_each_part_and_finds_the_answers() -> None:
    log = make_log()
    parts = {"rules": SequentialRules().fit(log), "popularity": Popularity().fit(log), "repeats": Repeats().fit(log)}
    history = (Event("a", 0, "view"), Event("b", 1, "view"))
    cases = (Case("u", history, frozenset({"c"})), Case("v", history, frozenset({"never-seen"})))

    candidates = collect_candidates(parts, cases, TrainingRun(), k=10)

    assert candidates.n_cases == 2
    assert candidates.scores.shape == (3, 1, 3)
    np.testing.assert_allclose(candidates.scores.max(axis=2), 1.0)
    assert candidates.hits.tolist() == [[0], [2]]
    assert candidates.grids[2][0] < 0 <= candidates.grids[0][0]


def test_collect_candidates_without_repeats_has_nothing_of_the_history() -> None:
    log = make_log()
    case = Case("u", (Event("a", 0, "view"), Event("b", 1, "view")), frozenset({"c"}))

    candidates = collect_candidates({"rules": SequentialRules().fit(log)}, [case], TrainingRun(), k=10, repeats=False)

    assert candidates.scores.shape == (1, 1, 1)


def test_collect_candidates_without_any_answer_is_of_no_quality() -> None:
    log = make_log()
    case = Case("u", (), frozenset({"never-seen"}))

    candidates = collect_candidates({"popularity": Popularity().fit(log)}, [case], TrainingRun(), k=10)

    assert quality(candidates, np.array([1.0])) == 0
    assert choose_weights(candidates, {"popularity": 1.0}) == {"popularity": 1.0}
