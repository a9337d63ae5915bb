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


class Computed(Everywhere):
    """Scores that cost something, and how many of them were asked for."""

    is_costly = True

    def __init__(self, scores: NDArray[np.float32]) -> None:
        super().__init__(scores)
        self.n_asked = 0

    def at(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        self.n_asked += len(items)
        return super().at(items)


@pytest.mark.parametrize("kind", ["few only", "one for all", "held back"])
@pytest.mark.parametrize(("power", "most_asked"), [(0.1, 525), (4.0, 525), (40.0, 150)])
@pytest.mark.parametrize("share", [0.1, None])
def test_mixture_of_a_large_catalogue_finds_the_best_of_the_sum_by_asking_about_few_items(
    monkeypatch: pytest.MonkeyPatch, kind: str, power: float, most_asked: int, share: float | None
) -> None:
    monkeypatch.setattr(mixing, "MOST_WITHOUT", 1_000)
    network = Computed(make_many(power))
    parts = [(1.0, make_few(1_500)), (1.0, network), *make_parts(kind)]
    allowed = None if share is None else CHANCE.random(N_ITEMS) < share

    found = Mixture(parts, N_ITEMS).best(25, allowed)

    n_asked, exact = network.n_asked, Mixture(parts, N_ITEMS).all()
    assert found.best(25).items.tolist() == top_k(exact, 25, allowed).tolist()
    np.testing.assert_array_equal(exact[found.items], found.scores)
    assert 25 <= n_asked <= most_asked


def test_mixture_of_a_large_catalogue_never_computes_more_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "MOST_WITHOUT", 1_000)
    monkeypatch.setattr(mixing, "MOST_ASKED", 200)
    ones = np.ones(N_ITEMS, np.float32)
    level = Computed(ones)

    found = Mixture([(1.0, Somewhere(np.arange(N_ITEMS), ones, N_ITEMS)), (1.0, level)], N_ITEMS).best(25)

    assert len(found.items) == 200
    assert level.n_asked == 25 + 200


def test_mixture_of_a_large_catalogue_returns_what_there_is_where_that_is_less_than_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mixing, "MOST_WITHOUT", 1_000)
    allowed = np.arange(N_ITEMS) < 10
    parts: list[tuple[float, Scoring]] = [(1.0, Somewhere.none(N_ITEMS)), (1.0, Computed(make_many()))]

    found = Mixture(parts, N_ITEMS).best(25, allowed)

    assert found.items.tolist() == list(range(10))
    assert len(Mixture(parts[:1], N_ITEMS).best(25).items) == 0
