from __future__ import annotations

import numpy as np

from recommendations.engine.answers.products import PositiveProducts, Products, soften
from recommendations.engine.answers.vector_index import VectorIndex

CHANCE = np.random.default_rng(5)
VECTORS = (CHANCE.standard_normal((30, 8))[CHANCE.integers(0, 30, 20_000)] + 0.3).astype(np.float32)
VECTORS += (0.4 * CHANCE.standard_normal(VECTORS.shape)).astype(np.float32)
BIASES = CHANCE.standard_normal(len(VECTORS)).astype(np.float32)
INDEX = VectorIndex.build(VECTORS, BIASES)


def make_products() -> Products:
    return Products(VECTORS[17], VECTORS, BIASES, INDEX, temperature=3.0)


def test_products_are_scores_from_one_down_and_never_zero() -> None:
    scores = make_products().all()

    assert scores.max() == 1.0
    assert (scores > 0).all()
    assert (
        scores.tolist()
        == soften(VECTORS @ VECTORS[17] + BIASES, float(np.max(VECTORS @ VECTORS[17] + BIASES)), 3.0).tolist()
    )


def test_products_found_by_the_index_have_their_exact_scores() -> None:
    products = make_products()
    allowed = CHANCE.random(len(VECTORS)) < 0.5

    found = products.best(25, allowed)

    assert allowed[found.items].all()
    assert (np.diff(found.items) > 0).all()
    np.testing.assert_allclose(found.scores, products.all()[found.items], rtol=1e-4)
    np.testing.assert_allclose(make_products().at(found.items), found.scores, rtol=1e-4)


def test_scores_of_hopeless_items_stay_above_zero() -> None:
    scores = soften(np.array([0.0, -1e6], np.float32), 0.0, 1.0)

    assert scores[0] == 1.0
    assert 0 < scores[1] < 1e-30


def test_positive_products_found_by_the_index_have_their_exact_scores() -> None:
    without_biases = VectorIndex.build(VECTORS, np.zeros(len(VECTORS), np.float32))
    products = PositiveProducts(VECTORS[17], VECTORS, without_biases)
    allowed = np.arange(len(VECTORS)) % 2 == 0

    found = products.best(25, allowed)

    scores = products.all()
    assert scores.min() == 0
    assert allowed[found.items].all()
    np.testing.assert_allclose(found.scores, scores[found.items], rtol=1e-4)
    np.testing.assert_allclose(products.at(found.items), found.scores, rtol=1e-4)
    np.testing.assert_allclose(products.greatest(), scores.max(), rtol=1e-4)


def test_positive_products_offer_nothing_that_points_the_other_way() -> None:
    index = VectorIndex.build(VECTORS[:1], np.zeros(1, np.float32))
    products = PositiveProducts(-VECTORS[0], VECTORS[:1], index)

    assert len(products.best(5).items) == 0
    assert products.greatest() == 0
