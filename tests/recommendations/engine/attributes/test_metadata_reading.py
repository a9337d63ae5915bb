from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from recommendations.datasets import SCHEMAS
from recommendations.engine.attributes.metadata_reading import read_items_csv, read_metadata_csv, read_users_csv
from recommendations.engine.exceptions import InvalidMetadata
from recommendations.ports import DatasetType

ITEMS = "ITEM_ID,CREATION_TIMESTAMP,CATEGORY_L1,BRAND,PRICE\n"
SCHEMA = SCHEMAS[DatasetType.ITEMS]


def write(folder: Path, text: str) -> Path:
    path = folder / "items.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_read_metadata_csv_follows_the_schema(tmp_path: Path) -> None:
    path = write(tmp_path, ITEMS + 's2,20,Shoes|Red,"Old, Co",\ns1,10,Hats,,9.5\n')

    items = read_metadata_csv(path, SCHEMA)

    assert items.ids == ("s1", "s2")
    assert items.created_at is not None
    assert items.created_at.tolist() == [10, 20]
    assert list(items.categorical["CATEGORY_L1"]) == [("Hats",), ("Red", "Shoes")]
    assert list(items.categorical["BRAND"]) == [(), ("Old, Co",)]
    np.testing.assert_array_equal(items.numerical["PRICE"], [9.5, np.nan])


def test_read_metadata_csv_trains_on_strings_only_where_the_schema_says_how(tmp_path: Path) -> None:
    schema = {
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "NOTE", "type": "string"},
            {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True},
        ]
    }

    items = read_metadata_csv(write(tmp_path, "ITEM_ID,NOTE,DESCRIPTION\na,mine,a warm coat\n"), schema)

    assert (dict(items.categorical), items.textual) == ({}, {"DESCRIPTION": ("a warm coat",)})
    kept = read_metadata_csv(tmp_path / "items.csv", schema, keeps_plain=True)
    assert list(kept.categorical["NOTE"]) == [("mine",)]
    assert kept.textual == items.textual


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ITEM_ID,BRAND\na,b\n", "missing the following columns: CREATION_TIMESTAMP, CATEGORY_L1, PRICE"),
        (ITEMS + "a,1,x,y,cheap\n", "Line 2, column PRICE: 'cheap' is not a number"),
        (ITEMS + "a,1,x,y,inf\n", "Line 2, column PRICE: 'inf' is not finite"),
        (ITEMS + "a,1700000000000,x,y,1\n", "Line 2, column CREATION_TIMESTAMP.*not milliseconds"),
        (ITEMS + " ,1,x,y,1\n", "Line 2, column ITEM_ID: empty"),
        (ITEMS + "a,1,x,y,1\n\n" + "a" * 257 + ",1,x,y,1\n", "Line 4, column ITEM_ID: 257 characters"),
        (ITEMS + "a,1,x,y,1\na,1,x,y,1\n", "'a' has more than one row"),
        (ITEMS + "a,1,x,y\n", "Line 2: 4 columns where the header has 5"),
        ("", "missing the following columns: ITEM_ID"),
    ],
)
def test_read_metadata_csv_names_what_is_wrong_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(InvalidMetadata, match=said):
        read_metadata_csv(path, SCHEMA)


def test_read_metadata_csv_refuses_what_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(ITEMS.encode() + b"a,1,\xff,y,1\n")

    with pytest.raises(InvalidMetadata, match="UTF-8"):
        read_metadata_csv(path, SCHEMA)


def test_read_items_csv_tells_columns_by_what_they_hold(tmp_path: Path) -> None:
    rows = [
        f"{number},Film number {number},{'War|Love' if number else 'War'},{number}.5,eu,160000000{number}"
        for number in range(4)
    ]
    path = tmp_path / "films.csv.gz"
    path.write_bytes(gzip.compress(("item_id,title,genres,price,region,first_seen\n" + "\n".join(rows)).encode()))

    items = read_items_csv(path)

    assert sorted(items.categorical) == ["genres", "region"]
    assert items.categorical["genres"][1] == ("Love", "War")
    assert sorted(items.numerical) == ["price"]
    assert items.textual["title"][3] == "Film number 3"
    assert items.created_at is not None
    assert items.created_at.tolist() == [1600000000, 1600000001, 1600000002, 1600000003]


def test_read_users_csv_wants_a_column_of_ids(tmp_path: Path) -> None:
    path = write(tmp_path, "name,age\nal,30\n")

    with pytest.raises(InvalidMetadata, match=r"missing the following columns: user_id.*name, age"):
        read_users_csv(path)
