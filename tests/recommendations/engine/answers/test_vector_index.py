from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.answers.vector_index import LONGEST_LIST, VectorIndex

Floats = NDArray[np.float32]
N_VECTORS = 6_000


def make_vectors(seed: int = 0) -> tuple[Floats, Floats]:
    """Forty groups, as items of one kind are, of very different sizes."""
    chance = np.random.default_rng(seed)
    middles = chance.standard_normal((40, 16))
    group = (40 * chance.random(N_VECTORS) ** 3).astype(int)
    vectors = middles[group] + 0.5 * chance.standard_normal((N_VECTORS, 16))
    return vectors.astype(np.float32), (0.3 * chance.standard_normal(N_VECTORS)).astype(np.float32)


def make_queries(vectors: Floats, n: int = 50) -> Floats:
    return vectors[np.random.default_rng(7).choice(len(vectors), n)]


def test_index_holds_every_vector_once_in_lists_of_bounded_length() -> None:
    vectors, biases = make_vectors()

    index = VectorIndex.build(vectors, biases)

    assert sorted(index.members.tolist()) == list(range(N_VECTORS))
    np.testing.assert_array_equal(index.vectors[:, :-1], vectors[index.members])
    np.testing.assert_array_equal(index.vectors[:, -1], biases[index.members])
    assert np.diff(index.starts).min() > 0
    assert np.diff(index.starts).max() <= LONGEST_LIST
    assert len(index) == N_VECTORS


def test_index_of_the_same_vectors_and_seed_is_the_same() -> None:
    first, again, other = (VectorIndex.build(*make_vectors(), seed) for seed in (1, 1, 2))

    assert all(getattr(first, name).tobytes() == getattr(again, name).tobytes() for name in VectorIndex.arrays)
    assert first.members.tobytes() != other.members.tobytes()


def test_search_finds_most_of_the_best_in_a_fifth_of_the_vectors_and_their_exact_products() -> None:
    vectors, biases = make_vectors()
    index = VectorIndex.build(vectors, biases)
    found_of_best = 0

    for query in make_queries(vectors):
        products = vectors @ query + biases
        items, values, greatest = index.search(query, 50, n_lists=len(index.spreads) // 5)

        found_of_best += len(np.intersect1d(items, np.argsort(-products)[:50]))
        assert len(items) == len(set(items.tolist())) == 50
        np.testing.assert_allclose(values, products[items], rtol=1e-4, atol=1e-4)
        assert greatest == pytest.approx(values.max())

    assert found_of_best / (50 * 50) > 0.95


def test_search_that_reads_everything_is_exact() -> None:
    vectors, biases = make_vectors()
    index = VectorIndex.build(vectors, biases)
    query = make_queries(vectors)[0]

    items, _, _ = index.search(query, 20, n_lists=len(index.spreads))

    assert set(items.tolist()) == set(np.argsort(-(vectors @ query + biases))[:20].tolist())


def test_search_reads_everything_rather_than_return_a_short_list() -> None:
    vectors, biases = make_vectors()
    index = VectorIndex.build(vectors, biases)
    query = make_queries(vectors)[0]
    products = vectors @ query + biases
    allowed = np.zeros(N_VECTORS, np.bool_)
    worst = np.argsort(products)[:30]
    allowed[worst] = True

    items, _, greatest = index.search(query, 20, allowed, n_lists=10)

    assert set(items.tolist()) == set(worst[-20:].tolist())
    assert greatest == pytest.approx(products.max(), rel=1e-4)


def test_search_of_fewer_allowed_than_asked_for_returns_them_all() -> None:
    vectors, biases = make_vectors()
    index = VectorIndex.build(vectors, biases)
    allowed = np.zeros(N_VECTORS, np.bool_)
    allowed[[3, 4_000]] = True

    items, _, _ = index.search(vectors[0], 20, allowed, n_lists=10)

    assert sorted(items.tolist()) == [3, 4_000]


def test_equal_vectors_and_a_single_one_can_be_indexed() -> None:
    equal = VectorIndex.build(np.zeros((1_000, 4), np.float32), np.zeros(1_000, np.float32))
    single = VectorIndex.build(np.ones((1, 4), np.float32), np.zeros(1, np.float32))

    assert len(equal.search(np.ones(4, np.float32), 10)[0]) == 10
    assert single.search(np.ones(4, np.float32), 10)[0].tolist() == [0]
