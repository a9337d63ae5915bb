from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.answers.ranking import top_k
from recommendations.engine.answers.scoring import Everywhere, InOrder, Scoring, Somewhere, order_of


def make_scores(n_items: int = 400) -> NDArray[np.float32]:
    """Many zeros and many equal ones."""
    return np.maximum(np.random.default_rng(1).integers(-20, 20, n_items), 0).astype(np.float32)


def make_each(scores: NDArray[np.float32]) -> list[Scoring]:
    everything = np.arange(len(scores))
    return [
        Everywhere(scores),
        Somewhere(everything, scores, len(scores)),
        InOrder(scores, order_of(scores)),
    ]


@pytest.mark.parametrize("k", [1, 7, 150, 1_000])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, None])
def test_every_kind_of_scoring_knows_the_best(k: int, share: float | None) -> None:
    scores = make_scores()
    allowed = None if share is None else np.random.default_rng(2).random(len(scores)) < share
    expected = top_k(scores, k, allowed).tolist()

    for scoring in make_each(scores):
        found = scoring.best(k, allowed)

        assert found.best(k).items.tolist() == expected
        assert found.scores.tolist() == scores[found.items].tolist()
        assert (np.diff(found.items) > 0).all()


def test_every_kind_of_scoring_tells_the_same_scores() -> None:
    scores = make_scores()
    items = np.array([5, 0, 399, 5], np.intp)

    for scoring in make_each(scores):
        assert scoring.all().tolist() == scores.tolist()
        assert scoring.at(items).tolist() == scores[items].tolist()
        assert scoring.greatest() == 19.0


def test_only_scores_above_zero_are_support() -> None:
    scoring = Somewhere(np.array([1, 4], np.intp), np.array([0.0, 2.0], np.float32), 6)

    assert scoring.support.items.tolist() == [4]
    assert scoring.all().tolist() == [0, 0, 0, 0, 2, 0]
    assert Somewhere.none(3).greatest() == 0.0
