"""A file that is no good is refused with its line, its column and the fix."""

from pathlib import Path

import pytest

from storefront.imports.faults import ImportRefused
from storefront.imports.files import Column, CsvFile, Row

COLUMNS = {
    "item_id": Column("--item-id", "ITEM_ID", is_required=True),
    "name": Column("--name", "NAME", is_required=True),
    "price": Column("--price", "PRICE", is_required=False),
}
HEADER = "ITEM_ID,NAME,PRICE"


def read(folder: Path, *lines: str) -> list[Row]:
    path = folder / "items.csv"
    path.write_text("\n".join(lines) + "\n")
    with CsvFile.open(path) as file:
        return list(file.rows(COLUMNS))


def test_file_rows_know_the_line_they_start_on(tmp_path: Path) -> None:
    lines = [HEADER, '1,"a mug', ' in two lines",2.55', "", "2,a bag,1.95"]

    rows = read(tmp_path, *lines)

    assert [(row.line, row.values[0]) for row in rows] == [(2, "1"), (5, "2")]


@pytest.mark.parametrize("after", ["2,a bag,1.95", '2,"a bag",1.95'], ids=["plain", "quoted"])
def test_file_names_line_and_column_of_a_quote_that_is_not_closed(tmp_path: Path, after: str) -> None:
    lines = [HEADER, *["1,a mug,2.55"] * 998, '3,"a 5 inch plate,3.75', *[after] * 8_000]

    with pytest.raises(ImportRefused) as caught:
        read(tmp_path, *lines)

    assert "items.csv, line 1,000, column NAME: a quote is not closed" in str(caught.value)


def test_file_names_the_last_line_where_its_quote_is_not_closed(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"line 3, column PRICE: a quote is not closed"):
        read(tmp_path, HEADER, "1,a mug,2.55", '2,a bag,"1.95')


def test_file_names_a_quote_of_the_header_that_is_not_closed(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"line 1: a quote is not closed"):
        read(tmp_path, 'ITEM_ID,"NAME,PRICE', *["1,a mug,2.55"] * 8_000)


def test_file_tells_of_a_quote_inside_a_quoted_value(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"line 2: not readable as CSV.*Double each quote"):
        read(tmp_path, HEADER, '1,"a 5" plate",2.55')


def test_file_tells_of_a_value_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"line 2: not readable as CSV.*Shorten the value to 65,536"):
        read(tmp_path, HEADER, f"1,{'x' * 70_000},2.55")


def test_file_with_a_column_twice_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="line 1: 2 columns are named PRICE"):
        read(tmp_path, f"{HEADER},PRICE", "1,a mug,2.55,9.99")


def test_file_may_repeat_a_column_that_is_not_read(tmp_path: Path) -> None:
    rows = read(tmp_path, f"{HEADER},NOTE,NOTE", "1,a mug,2.55,,")

    assert rows[0].values == ("1", "a mug", "2.55")


@pytest.mark.parametrize("below", [(), ("", "")], ids=["nothing", "blank lines"])
def test_file_of_a_header_alone_is_refused(tmp_path: Path, below: tuple[str, ...]) -> None:
    with pytest.raises(ImportRefused, match="holds no rows below its header"):
        read(tmp_path, HEADER, *below)
