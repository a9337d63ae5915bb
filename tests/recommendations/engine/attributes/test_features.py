from __future__ import annotations

import numpy as np

from recommendations.engine.attributes.features import WIDTH, make_features
from recommendations.engine.attributes.metadata import Metadata


def overlap(metadata: Metadata) -> np.ndarray:
    features = make_features(metadata)
    return np.asarray((features @ features.T).toarray())


def test_features_of_rows_with_the_same_attributes_are_the_same() -> None:
    shared = overlap(
        Metadata.build(
            ["a", "b", "c"],
            categorical={"BRAND": [("x",), ("x",), ("y",)], "STYLE": [("low", "red"), ("red", "low"), ("tall",)]},
            numerical={"PRICE": [1.0, 1.0, 90.0]},
            textual={"NAME": ["Red shoe", "shoe, RED", "hat"]},
        )
    )

    np.testing.assert_allclose(shared[0], [4.0, 4.0, 0.0], rtol=1e-5)


def test_features_weigh_every_attribute_alike() -> None:
    categories = [tuple(f"c{number}" for number in range(size)) for size in (1, 9)]

    shared = overlap(Metadata.build(["a", "b"], categorical={"X": categories}, textual={"Y": ["one", "two words"]}))

    np.testing.assert_allclose(np.diag(shared), [2.0, 2.0], rtol=1e-5)


def test_features_let_a_rare_word_count_more_than_a_common_one() -> None:
    names = ["red shoe", "red scarf", "red hat", "blue shoe"]

    shared = overlap(Metadata.build(list("abcd"), textual={"NAME": names}))

    assert shared[0, 3] > shared[0, 1] > 0


def test_features_of_numbers_are_tenths_of_the_rows() -> None:
    prices = np.arange(100.0)

    shared = overlap(Metadata.build([f"{number:03}" for number in range(100)], numerical={"PRICE": prices}))

    assert np.count_nonzero(shared, axis=1).tolist() == [10] * 100


def test_features_of_rows_without_attributes_are_empty() -> None:
    nothing = Metadata.build(["a", "b"], categorical={"X": [(), ()]}, numerical={"Y": [float("nan")] * 2})

    features = make_features(nothing)

    assert (features.shape, features.nnz) == ((2, WIDTH), 0)
    assert make_features(Metadata.build([])).shape == (0, WIDTH)
