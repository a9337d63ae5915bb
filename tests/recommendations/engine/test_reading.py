from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine.exceptions import InvalidInteractions
from recommendations.engine.interactions import Event
from recommendations.engine.reading import CsvColumns, read_csv

HEADER = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "interactions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_read_csv_reads_personalizes_columns(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + 'b,x,20,view,\na,"y, blue",10,purchase,2.5\nb,x,15,view,null\n')

    interactions = read_csv(path)

    assert interactions.history("a") == [Event("y, blue", 10, "purchase")]
    assert [event.timestamp for event in interactions.history("b")] == [15, 20]
    np.testing.assert_array_equal(interactions.values, np.array([2.5, np.nan, np.nan], np.float32))


def test_read_csv_reads_gzip_any_column_order_and_mapped_names(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("when,extra,item,user\n7,-,x,a\n")

    interactions = read_csv(path, CsvColumns("user", "item", "when"))

    assert interactions.history("a") == [Event("x", 7, "interaction")]


def test_read_csv_skips_empty_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff" + HEADER + "a,x,1,view,\n\nb,x,2,view,\n")

    assert len(read_csv(path)) == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,x,soon,view,", "Line 3, column TIMESTAMP: 'soon' is not a whole number"),
        ("a,x,1600000000000,view,", "Line 3, column TIMESTAMP: .* not milliseconds"),
        ("a,x,-5,view,", "Line 3, column TIMESTAMP"),
        (",x,1,view,", "Line 3, column USER_ID: empty"),
        ("a, ,1,view,", "Line 3, column ITEM_ID: empty"),
        ("a,x,1,,", "Line 3, column EVENT_TYPE: empty"),
        ("a,x,1,view,lots", "Line 3, column EVENT_VALUE: 'lots' is not a number"),
        (f"{'a' * 257},x,1,view,", "Line 3, column USER_ID: 257 characters"),
        ("a,x", "Line 3: 2 columns"),
    ],
)
def test_read_csv_names_the_line_and_column_of_a_bad_row(tmp_path: Path, row: str, said: str) -> None:
    path = write(tmp_path, HEADER + "a,x,1,view,\n" + row + "\n")

    with pytest.raises(InvalidInteractions, match=said):
        read_csv(path)


def test_read_csv_names_missing_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "user_id,ITEM_ID,TIMESTAMP\n")

    with pytest.raises(InvalidInteractions, match="missing the following columns: USER_ID"):
        read_csv(path)


def test_read_csv_refuses_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADER.encode() + "a,caf\xe9,1,view,\n".encode("latin-1"))

    with pytest.raises(InvalidInteractions, match="UTF-8"):
        read_csv(path)


def test_read_csv_of_a_header_alone_is_empty(tmp_path: Path) -> None:
    assert len(read_csv(write(tmp_path, HEADER))) == 0
