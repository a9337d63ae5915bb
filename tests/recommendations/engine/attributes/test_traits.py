from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.traits import FEWEST_USERS, MOST_COLUMNS, MOST_DIFFERENT, TraitTable, find_bounds

N_USERS = 200


def make_users() -> Metadata:
    return Metadata.build(
        [f"u{user:03}" for user in range(N_USERS)],
        categorical={
            "likes": [("red",) if user % 3 else ("blue", "green") for user in range(N_USERS)],
            "town": [(f"town-{user}",) for user in range(N_USERS)],
        },
        numerical={
            "age": [float(20 + user % 7) for user in range(N_USERS)],
            "spent": [np.nan if user % 5 == 0 else user**1.5 for user in range(N_USERS)],
        },
        textual={"about": [f"user {user}" for user in range(N_USERS)]},
    )


def traits_of(users: Metadata, row: int) -> Traits:
    return Traits(
        {name: column[row] for name, column in users.categorical.items()},
        {name: float(column[row]) for name, column in users.numerical.items()},
    )


def test_one_user_is_encoded_as_all_are() -> None:
    users = make_users()
    table = TraitTable.learn(users)
    whole = table.encode(users).toarray()

    for row in range(N_USERS):
        columns, values = table.encode_one(traits_of(users, row))
        alone = np.zeros(table.n_columns, np.float32)
        alone[columns] = values
        np.testing.assert_array_equal(alone, whole[row])


def test_every_attribute_weighs_the_same_however_many_values_it_has() -> None:
    users = make_users()
    table = TraitTable.learn(users)

    lengths = (table.encode(users).toarray() ** 2).sum(axis=1)

    # Of four fields, towns are too rare to count, and every fifth user's spending is not known.
    expected = [0.5 if user % 5 == 0 else 0.75 for user in range(N_USERS)]
    np.testing.assert_allclose(lengths, expected, rtol=1e-5)


def test_values_of_too_few_users_have_no_column() -> None:
    rare = [("rare",)] * (FEWEST_USERS - 1) + [("common",)] * FEWEST_USERS
    users = Metadata.build([f"u{user}" for user in range(len(rare))], categorical={"kind": rare})

    table = TraitTable.learn(users)

    assert table.n_columns == 1
    assert table.encode(users).toarray()[:, 0].tolist() == [0.0] * (FEWEST_USERS - 1) + [1.0] * FEWEST_USERS


def test_the_table_is_bounded_and_keeps_the_most_frequent() -> None:
    values = [(f"v{number}",) for number in range(MOST_COLUMNS + 50) for _ in range(FEWEST_USERS)]
    values += [("top",)] * (FEWEST_USERS + 1)
    users = Metadata.build([f"u{user:06}" for user in range(len(values))], categorical={"kind": values})

    table = TraitTable.learn(users)

    assert table.n_columns == MOST_COLUMNS
    assert len(table.encode_one(Traits({"kind": ("top",)}, {}))[0]) == 1


@pytest.mark.parametrize(
    "unknown",
    [
        Traits({}, {}),
        Traits({"likes": ("",)}, {"age": float("nan")}),
        Traits({"likes": ("violet", "\ud800")}, {"height": 1.8}),
        Traits({"shoes": ("red",)}, {}),
    ],
)
def test_what_the_table_does_not_know_is_passed_over(unknown: Traits) -> None:
    table = TraitTable.learn(make_users())

    columns, values = table.encode_one(unknown)

    assert len(columns) == len(values) == 0


@pytest.mark.parametrize("number", [-1e300, float("-inf"), float("inf"), 1e300])
def test_numbers_beyond_all_known_ones_are_in_the_last_bucket_or_none(number: float) -> None:
    users = make_users()
    table = TraitTable.learn(users)

    columns, _ = table.encode_one(Traits({}, {"age": number}))

    assert len(columns) == (0 if number == float("inf") else 1)


def test_no_attribute_is_a_table_without_a_column() -> None:
    users = Metadata(["a", "b"])
    table = TraitTable.learn(users)

    assert table.encode(users).shape == (2, 0)
    assert len(table.encode_one(Traits({"likes": ("red",)}, {"age": 3.0}))[0]) == 0


def test_numbers_of_few_values_have_a_bucket_each_and_others_as_many_rows_in_each() -> None:
    few, many = np.array([1.0, 5.0, 5.0, 25.0, np.nan]), np.arange(1_000.0) ** 3

    assert find_bounds(few)[:3].tolist() == [3.0, 15.0, np.inf]
    counts = np.bincount(np.searchsorted(find_bounds(many), many, side="right"))
    assert len(counts) == 16
    assert counts.min() >= 62
    assert len(find_bounds(many)) == MOST_DIFFERENT - 1


def test_equal_users_make_equal_tables() -> None:
    first, second = TraitTable.learn(make_users()), TraitTable.learn(make_users())

    for name in TraitTable.arrays:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
