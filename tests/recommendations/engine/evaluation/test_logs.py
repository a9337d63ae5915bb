from __future__ import annotations

from pathlib import Path

import pytest

from recommendations.engine.evaluation.logs import read_log
from recommendations.engine.exceptions import InvalidInteractions
from tests.factories.logs import make_rows, write_log


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_read_log_reads_all_rows_with_times_and_types(tmp_path: Path, name: str) -> None:
    path = write_log(tmp_path / name, make_rows())

    log = read_log(path)

    assert log.is_timed
    assert log.test is None
    assert len(log.interactions) == 2_500
    assert log.interactions.event_types == ("cart", "purchase", "view")


def test_read_log_numbers_the_events_of_a_file_that_has_positions_only(tmp_path: Path) -> None:
    rows = [(7, 1, 40, "view", ""), (7, 2, 10, "view", ""), (3, 5, 99, "view", ""), (7, 3, 40, "view", "")]
    path = write_log(tmp_path / "log.csv", rows, time_column="pos", more=False)

    log = read_log(path)

    assert not log.is_timed
    assert log.interactions.event_types == ("view",)
    assert [(event.item_id, event.timestamp) for event in log.interactions.history("7")] == [
        ("2", 0),
        ("1", 1),
        ("3", 2),
    ]


def test_read_log_tells_the_parts_apart(tmp_path: Path) -> None:
    rows = make_rows()
    path = write_log(tmp_path / "log.csv.gz", rows)

    log = read_log(path, in_parts=True)

    assert log.test is not None
    assert len(log.interactions) == sum(row[4] == "train" for row in rows)
    assert {int(user) for user in log.test.user_ids} == {row[0] for row in rows if row[4] == "test"}


def test_read_log_takes_personalizes_own_names(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,i,5,click\n")

    log = read_log(path)

    assert log.interactions.history("u") == [("i", 5, "click")]


@pytest.mark.parametrize(
    ("text", "in_parts", "said"),
    [
        ("user_id,item_id\n1,2\n", False, "neither a column timestamp nor pos"),
        ("", False, "neither a column timestamp nor pos. Its header has: nothing"),
        ("user_id,timestamp\n1,2\n", False, "missing the following columns: item_id"),
        ("user_id,item_id,pos\n1,2,3\n", True, "missing the following columns: part"),
        ("user_id,item_id,timestamp\n1,2,nan\n", False, "Line 2, column timestamp: 'nan' is not a whole number"),
        ("user_id,item_id,timestamp\n,2,3\n", False, "Line 2, column user_id: empty"),
    ],
)
def test_read_log_names_what_is_wrong(tmp_path: Path, text: str, in_parts: bool, said: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)

    with pytest.raises(InvalidInteractions, match=said):
        read_log(path, in_parts=in_parts)


def test_read_log_refuses_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")

    with pytest.raises(InvalidInteractions, match=r"log.csv is not readable"):
        read_log(path)
