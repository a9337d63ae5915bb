"""Folder and S3 alike keep files by name, whole or not at all."""

from pathlib import Path

import pytest
from pytest_django import Settings

from recommendations.exceptions import InvalidInput, RecommendationsError
from recommendations.pipeline.archive.place import Place, open_place


def put(place: Place, folder: Path, name: str, content: bytes) -> None:
    path = folder / "local"
    path.write_bytes(content)
    place.store(path, name)


def test_place_gives_back_what_was_stored(place: Place, tmp_path: Path) -> None:
    put(place, tmp_path, "2026/11/22/08/a.gz", b"first")
    put(place, tmp_path, "2026/11/21/08/b.gz", b"second")

    put(place, tmp_path, "2026/11/22/08/a.gz", b"again")

    assert list(place.names()) == ["2026/11/21/08/b.gz", "2026/11/22/08/a.gz"]
    assert list(place.names("2026/11/22/")) == ["2026/11/22/08/a.gz"]
    with place.open("2026/11/22/08/a.gz") as file:
        assert file.read() == b"again"


def test_place_forgets_what_is_deleted(place: Place, tmp_path: Path) -> None:
    put(place, tmp_path, "2026/11/22/08/a.gz", b"first")

    place.delete("2026/11/22/08/a.gz")
    place.delete("2026/11/22/08/a.gz")

    assert list(place.names()) == []


def test_place_says_which_file_is_not_there(place: Place) -> None:
    with pytest.raises(RecommendationsError, match=r"2026/11/22/08/a\.gz"), place.open("2026/11/22/08/a.gz"):
        pass


def test_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings.ARCHIVE_URL = f"file://{tmp_path}/file/archive"

    with pytest.raises(InvalidInput, match=r"ARCHIVE_URL: .* cannot be written"):
        put(open_place(), tmp_path, "2026/11/22/08/a.gz", b"first")


def test_no_archive_is_said_with_its_setting(settings: Settings) -> None:
    settings.ARCHIVE_URL = ""

    with pytest.raises(InvalidInput, match="ARCHIVE_URL is empty"):
        open_place()
