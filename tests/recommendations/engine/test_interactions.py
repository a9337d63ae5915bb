from __future__ import annotations

import time

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidInteractions, UnknownId
from recommendations.engine.interactions import Event, Interactions


def make_interactions() -> Interactions:
    return Interactions.from_columns(
        user_ids=["bea", "al", "bea", "al", "al"],
        item_ids=["x", "y", "x", "z", "x"],
        timestamps=[30, 20, 10, 20, 5],
        event_types=["purchase", "view", "view", "view", "view"],
        event_values=[9.5, float("nan"), 1.0, 2.0, 3.0],
    )


def test_from_columns_sorts_by_user_then_time_and_keeps_ties_in_order() -> None:
    interactions = make_interactions()

    assert interactions.user_ids == ("al", "bea")
    assert interactions.history("al") == [Event("x", 5, "view"), Event("y", 20, "view"), Event("z", 20, "view")]
    assert interactions.history("bea") == [Event("x", 10, "view"), Event("x", 30, "purchase")]
    assert interactions.values.tolist()[3:] == [1.0, 9.5]


def test_from_columns_refuses_columns_of_different_length() -> None:
    with pytest.raises(InvalidInteractions, match="differ in length"):
        Interactions.from_columns(["a"], ["x", "y"], [1], ["view"])


def test_from_columns_refuses_a_column_that_is_no_event_type() -> None:
    names = [str(number) for number in range(200)]

    with pytest.raises(InvalidInteractions, match="EVENT_TYPE has 200"):
        Interactions.from_columns(names, names, range(200), names)


def test_from_columns_takes_no_rows() -> None:
    interactions = Interactions.from_columns([], [], [], [])

    assert (len(interactions), interactions.n_users, interactions.n_items) == (0, 0, 0)


def test_history_of_a_stranger_is_an_error() -> None:
    with pytest.raises(UnknownId, match="'cy'"):
        make_interactions().history("cy")


def test_to_csr_sums_repeated_pairs() -> None:
    matrix = make_interactions().to_csr()

    assert matrix.toarray().tolist() == [[1, 1, 1], [2, 0, 0]]


def test_take_drops_ids_without_rows() -> None:
    interactions = make_interactions()

    kept = interactions.take(interactions.types == interactions.event_types.index("purchase"))

    assert (kept.user_ids, kept.item_ids, kept.event_types) == (("bea",), ("x",), ("purchase",))
    assert kept.history("bea") == [Event("x", 30, "purchase")]


def test_from_columns_reads_half_a_million_rows_in_seconds() -> None:
    rng = np.random.default_rng(0)
    users = [f"user-{number}" for number in rng.integers(0, 5_000, 500_000).tolist()]
    items = [f"item-{number}" for number in rng.integers(0, 2_000, 500_000).tolist()]
    started = time.process_time()

    interactions = Interactions.from_columns(users, items, rng.integers(0, 10**9, 500_000).tolist(), ["view"] * 500_000)

    assert len(interactions) == 500_000
    # Five times what a laptop needs, so that a busy machine does not fail the build.
    assert time.process_time() - started < 5


def test_to_csr_leaves_the_interactions_as_they_were() -> None:
    log = Interactions.from_columns(["u"] * 4 + ["v"], list("cabca"), [1, 2, 3, 4, 5], ["view"] * 5)
    weights = np.array([1, 2, 3, 4, 5], np.float32)

    matrix = log.to_csr(weights)

    assert log.items.tolist() == [2, 0, 1, 2, 0]
    assert log.starts.tolist() == [0, 4, 5]
    assert weights.tolist() == [1, 2, 3, 4, 5]
    assert matrix.toarray().tolist() == [[2, 3, 5], [5, 0, 0]]


def make_catalogue() -> Metadata:
    return Metadata.build(["y", "new", "x"], categorical={"BRAND": [("why",), ("fresh",), ("ex",)]})


def test_with_metadata_adds_items_that_nobody_touched() -> None:
    plain = make_interactions()

    interactions = plain.with_metadata(items=make_catalogue())

    assert interactions.item_ids == ("new", "x", "y", "z")
    assert interactions.history("al") == plain.history("al")
    assert interactions.item_metadata is not None
    assert list(interactions.item_metadata.categorical["BRAND"]) == [("fresh",), ("ex",), ("why",), ()]


def test_with_metadata_leaves_out_users_without_an_event() -> None:
    users = Metadata.build(["bea", "cy"], numerical={"AGE": [30.0, 40.0]})

    interactions = make_interactions().with_metadata(users=users)

    assert interactions.user_ids == ("al", "bea")
    assert interactions.user_metadata is not None
    np.testing.assert_array_equal(interactions.user_metadata.numerical["AGE"], [np.nan, 30.0])


def test_take_keeps_items_that_have_metadata_and_the_users_own() -> None:
    users = Metadata.build(["al", "bea"], numerical={"AGE": [20.0, 30.0]})
    interactions = make_interactions().with_metadata(make_catalogue(), users)

    kept = interactions.take(interactions.users == 1)

    assert (kept.user_ids, kept.item_ids) == (("bea",), ("new", "x", "y", "z"))
    assert kept.history("bea") == [Event("x", 10, "view"), Event("x", 30, "purchase")]
    assert kept.item_metadata is interactions.item_metadata
    assert kept.user_metadata is not None
    assert (kept.user_metadata.ids, kept.user_metadata.numerical["AGE"].tolist()) == (("bea",), [30.0])


def test_mask_keeps_metadata() -> None:
    interactions = make_interactions().with_metadata(make_catalogue())

    masked = interactions.mask(interactions.users == 0)

    assert masked.item_metadata is interactions.item_metadata
