from __future__ import annotations

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.metadata_arrays import from_arrays, to_arrays
from recommendations.engine.exceptions import InvalidMetadata


def make_items() -> Metadata:
    return Metadata.build(
        ["ä/1", "b", "c"],
        [1, 2, 3],
        {"BRAND": [("ö",), (), ("x",)], "A/Ü": [("1", "2"), ("2",), ()]},
        {"PRICE": [1.5, float("nan"), 2.0]},
        {"NAME": ["the first", "", "the ☂"]},
    )


def test_from_arrays_gives_back_what_to_arrays_took() -> None:
    items = make_items()

    again = from_arrays(to_arrays(items))

    assert list(again.ids) == list(items.ids)
    assert (again.find("ä/1"), again.find("b"), again.find("z")) == (2, 0, -1)
    assert again.created_at is not None
    assert again.created_at.tolist() == [2, 3, 1]
    assert {name: list(column) for name, column in again.categorical.items()} == {
        name: list(column) for name, column in items.categorical.items()
    }
    np.testing.assert_array_equal(again.numerical["PRICE"], items.numerical["PRICE"])
    assert again.textual == items.textual


def test_arrays_without_ids_take_those_they_are_given() -> None:
    arrays = to_arrays(make_items(), with_ids=False)

    again = from_arrays(arrays, ("x", "y", "z"))

    assert not any(name.startswith("ids") for name in arrays)
    assert again.ids == ("x", "y", "z")
    with pytest.raises(InvalidMetadata, match="there are 2 ids"):
        from_arrays(arrays, ("x", "y"))


def test_arrays_without_columns_are_metadata_without_columns() -> None:
    again = from_arrays(to_arrays(Metadata.build(["a"])))

    assert (list(again.ids), again.created_at, again.categorical, again.numerical) == (["a"], None, {}, {})
