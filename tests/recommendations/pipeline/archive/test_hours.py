"""Names of the archive's files: as Firehose spells them, the same at every time, read back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from recommendations.pipeline.archive.hours import hour_of, name_of, parse_name

HOUR = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_name_is_laid_out_as_firehose_does() -> None:
    name = name_of(HOUR)

    assert name.startswith("2026/11/22/08/interactions-1-2026-11-22-08-00-00-")
    assert name.endswith(".gz")
    assert name == name_of(HOUR)
    assert name != name_of(HOUR + timedelta(days=1))


def test_name_is_read_back_as_ours() -> None:
    file = parse_name(name_of(HOUR))

    assert file is not None
    assert (file.hour, file.is_ours) == (HOUR, True)


def test_file_that_firehose_delivered_is_read_and_not_ours() -> None:
    file = parse_name("raw/2026/11/22/08/shop-1-2026-11-22-08-14-59-3f2b6e0a-1d2c-4b5a-9e8f-0a1b2c3d4e5f.gz")

    assert file is not None
    assert (file.hour, file.is_ours) == (HOUR, False)


@pytest.mark.parametrize(
    "name", ["notes.txt", "2026/11/22/08/", "2026/11/22/readme.gz", "2026/13/22/08/a.gz", "2026/11/22/08/a.parquet"]
)
def test_what_lies_beside_the_files_is_passed_over(name: str) -> None:
    assert parse_name(name) is None


def test_hour_is_in_utc() -> None:
    moment = datetime(2026, 11, 22, 1, 30, 5, 7, tzinfo=timezone(timedelta(hours=-7)))

    assert hour_of(moment) == HOUR
