from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Categories, Metadata
from recommendations.engine.exceptions import InvalidMetadata

COLUMNS: dict[str, Any] = {
    "created_at": [30, 10, 20],
    "categorical": {"BRAND": [("b",), ("a",), ()], "STYLE": [("red", "low"), ("low",), ("red",)]},
    "numerical": {"PRICE": [3.0, 1.0, float("nan")]},
    "textual": {"NAME": ["a red shoe", "a coat", ""]},
}


def make_items() -> Metadata:
    return Metadata.build(["shoe", "coat", "hat"], **COLUMNS)


def test_build_sorts_rows_by_id() -> None:
    items = make_items()

    assert items.ids == ("coat", "hat", "shoe")
    assert items.created_at is not None
    assert items.created_at.tolist() == [10, 20, 30]
    assert list(items.categorical["STYLE"]) == [("low",), ("red",), ("low", "red")]
    assert items.textual["NAME"] == ("a coat", "", "a red shoe")


def test_build_refuses_columns_of_another_length() -> None:
    with pytest.raises(InvalidMetadata, match="PRICE has 1 values and there are 2 ids"):
        Metadata.build(["a", "b"], numerical={"PRICE": [1.0]})


def test_build_refuses_an_id_given_twice() -> None:
    with pytest.raises(InvalidMetadata, match="'a' has more than one row"):
        Metadata.build(["a", "b", "a"])


def test_build_refuses_two_columns_of_one_name() -> None:
    with pytest.raises(InvalidMetadata, match="same name"):
        Metadata.build(["a"], numerical={"X": [1.0]}, textual={"X": ["one"]})


def test_find_returns_the_row_of_an_id() -> None:
    items = make_items()

    assert [items.find(id_) for id_ in ("coat", "hat", "shoe", "sock", "")] == [0, 1, 2, -1, -1]


def test_align_leaves_what_is_unknown_empty() -> None:
    aligned = make_items().align(("boot", "hat", "shoe"))

    assert aligned.ids == ("boot", "hat", "shoe")
    assert aligned.created_at is not None
    assert aligned.created_at.tolist() == [UNKNOWN_TIME, 20, 30]
    assert list(aligned.categorical["BRAND"]) == [(), (), ("b",)]
    np.testing.assert_array_equal(aligned.numerical["PRICE"], [np.nan, np.nan, 3.0])
    assert aligned.textual["NAME"] == ("", "", "a red shoe")


def test_align_takes_a_table_without_rows() -> None:
    aligned = Metadata.build([], [], {"BRAND": []}, {"PRICE": []}, {"NAME": []}).align(("a",))

    assert (list(aligned.categorical["BRAND"]), aligned.textual["NAME"]) == ([()], ("",))
    assert np.isnan(aligned.numerical["PRICE"]).tolist() == [True]


def test_categories_keep_each_name_once_a_row_and_drop_empty_ones() -> None:
    column = Categories.build([("b", "a", "b", ""), (), ("c",)])

    assert list(column) == [("a", "b"), (), ("c",)]
    assert column[-1] == ("c",)
    assert column[:2] == [("a", "b"), ()]
    with pytest.raises(IndexError, match="row 3 of 3"):
        column[3]


def test_categories_tell_which_rows_hold_one_of_several_names() -> None:
    column = Categories.build([("a", "b"), (), ("c",), ("b",)])

    assert column.holding({"a", "c", "no such"}).tolist() == [True, False, True, False]
    assert Categories.build([(), ()]).holding({"a"}).tolist() == [False, False]


def test_without_texts_keeps_the_other_columns() -> None:
    items = make_items().without_texts()

    assert (sorted(items.categorical), sorted(items.numerical), items.textual) == (["BRAND", "STYLE"], ["PRICE"], {})


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": [30, 10, 21]},
        {"categorical": {"BRAND": [("b",), ("a",), ()], "STYLE": [("red", "low"), ("low",), ("low",)]}},
        {"categorical": {"STYLE": [("red", "low"), ("low",), ("blue",)]}},
        {"numerical": {"PRICE": [3.0, 1.0, 2.0]}},
        {"textual": {"NAME": ["a red shoe", "a coat", "a hat"]}},
    ],
)
def test_metadata_tells_which_rows_differ(changes: dict[str, Any]) -> None:
    items, given = make_items(), {**COLUMNS, **changes}
    others = Metadata.build(["shoe", "coat", "hat"], **given)

    differs = items.differs_from(others)

    assert differs.tolist() == [False, True, False]
    assert not items.differs_from(make_items()).any()


def test_metadata_differs_where_the_other_has_columns_that_it_lacks() -> None:
    items = make_items()

    bare = Metadata(items.ids)

    assert not items.differs_from(bare).any()
    assert bare.differs_from(items).all()
    assert items.select(np.empty(0, np.intp)).differs_from(items.select(np.empty(0, np.intp))).tolist() == []
