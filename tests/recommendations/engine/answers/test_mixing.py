from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.answers import mixing
from recommendations.engine.answers.mixing import LEAST_SHARE, Mixture
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.answers.scoring import Everywhere, InOrder, Scoring, Somewhere, order_of

N_ITEMS = 3_000
CHANCE = np.random.default_rng(3)


def make_few(n: int) -> Somewhere:
    items = np.sort(CHANCE.choice(N_ITEMS, n, replace=False))
    return Somewhere(items, CHANCE.random(n).astype(np.float32), N_ITEMS)


def make_many(power: float = 4.0) -> NDArray[np.float32]:
    return (CHANCE.random(N_ITEMS) ** power).astype(np.float32)


def add_up(parts: list[tuple[float, Scoring]]) -> NDArray[np.float32]:
    """The sum as it is defined, in double precision."""
    offered, against = np.zeros(N_ITEMS), np.zeros(N_ITEMS)
    for weight, scoring in parts:
        total = offered if weight > 0 else against
        total += weight * scoring.all() / max(scoring.greatest(), 1e-30)
    return np.maximum(offered + against, offered * LEAST_SHARE).astype(np.float32)


def make_parts(kind: str) -> list[tuple[float, Scoring]]:
    popular, network = make_many(), make_many(40.0)
    always: list[tuple[float, Scoring]] = [(1.0, make_few(300)), (0.5, make_few(50)), (1.0, Somewhere.none(N_ITEMS))]
    more: dict[str, list[tuple[float, Scoring]]] = {
        "few only": [],
        "one for all": [(0.1, InOrder(popular, order_of(popular)))],
        "two for all": [(0.1, InOrder(popular, order_of(popular))), (2.0, Everywhere(network))],
        "held back": [(0.1, InOrder(popular, order_of(popular))), (-0.7, make_few(200))],
        "all held back": [(1.0, Everywhere(network)), (-0.5, Everywhere(popular))],
    }
    return [*always, *more[kind]]


@pytest.mark.parametrize("kind", ["few only", "one for all", "two for all", "held back", "all held back"])
@pytest.mark.parametrize("share", [0.01, 0.5, None])
def test_mixture_finds_exactly_the_best_of_the_sum(kind: str, share: float | None) -> None:
    parts = make_parts(kind)
    allowed = None if share is None else CHANCE.random(N_ITEMS) < share
    mixture = Mixture(parts, N_ITEMS)

    found = mixture.best(25, allowed)

    assert found.best(25).items.tolist() == top_k(mixture.all(), 25, allowed).tolist()
    np.testing.assert_array_equal(mixture.all()[found.items], found.scores)
    np.testing.assert_allclose(mixture.all(), add_up(parts), rtol=1e-4, atol=1e-7)


def test_mixture_of_a_large_catalogue_asks_parts_that_compute_about_few_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mixing, "MOST_WITHOUT", 1_000)
    monkeypatch.setattr(mixing, "MOST_ASKED", 200)
    asked: list[int] = []

    class Costly(Everywhere):
        is_costly = True

        def at(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
            asked.append(len(items))
            return super().at(items)

        def all(self) -> NDArray[np.float32]:
            raise AssertionError("it would have to score the whole catalogue")

    popular, network = make_many(), make_many(40.0)
    parts = [(1.0, make_few(1_500)), (0.1, InOrder(popular, order_of(popular))), (1.0, Costly(network))]

    found = Mixture(parts, N_ITEMS).best(25).best(25)

    exact = Mixture([*parts[:2], (1.0, Everywhere(network))], N_ITEMS)
    assert len(set(found.items.tolist()) & set(top_k(exact.all(), 25).tolist())) >= 24
    assert max(asked) <= 200 + mixing.FEWEST_BROUGHT
