import json
from pathlib import Path

import numpy as np

from benchmarks.engine.rival_models import LIST_SIZE, NOBODY, Answers, fill_up, rank_vectors


def make_exam(*, filter_seen: bool) -> dict[str, np.ndarray]:
    return {
        "users": np.array([0, 0, 1, 1, 2]),
        "items": np.array([0, 1, 1, 2, 1]),
        "n_items": np.array([40]),
        "history_items": np.array([1, 0]),
        "history_starts": np.array([0, 2, 2]),
        "filter_seen": np.array([filter_seen]),
    }


def test_rank_vectors_leaves_out_what_was_seen() -> None:
    vectors = np.arange(40, 0, -1).astype(np.float32)[:, None]

    lists = rank_vectors(np.ones((2, 1), np.float32), vectors, make_exam(filter_seen=True))

    assert lists[0].tolist() == list(range(2, 2 + LIST_SIZE))


def test_questions_without_a_history_get_the_most_popular() -> None:
    vectors = np.arange(40, 0, -1).astype(np.float32)[:, None]

    lists = rank_vectors(np.zeros((2, 1), np.float32), vectors, make_exam(filter_seen=False))

    assert lists[1, :3].tolist() == [1, 0, 2]


def test_fill_up_leaves_lists_that_are_there() -> None:
    lists = np.full((2, LIST_SIZE), NOBODY)
    lists[0, 0] = 7

    filled = fill_up(lists.copy(), make_exam(filter_seen=True))

    assert filled[0].tolist() == lists[0].tolist()
    assert NOBODY not in filled[1].tolist()


def test_answering_costs_the_training_nothing(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    answered_at_s: list[float] = []

    def answer() -> np.ndarray:
        sum(number * number for number in range(1_000_000))
        answered_at_s.append(answers.spent_s)
        return np.zeros((1, LIST_SIZE), np.int64)

    answers.give("60", answer)

    assert answers.spent_s < answered_at_s[0]
    with np.load(tmp_path / "60.npz") as kept:
        assert json.loads(str(kept["facts"]))["train_cpu_s"] <= answers.spent_s
