"""Imports: a sorted file and an unsorted one give the same columns; Items and Users are checked and kept."""

import csv
from pathlib import Path

import numpy as np
import pytest

from recommendations.adapters.embedded import sorted_columns
from recommendations.adapters.embedded.columns import read_columns, read_metadata, write_columns
from recommendations.adapters.embedded.sorted_columns import NotSorted, write_sorted_columns
from recommendations.adapters.registry import get_backend
from recommendations.engine.reading import read_csv
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import Dataset
from recommendations.ports import DatasetType, ResourceStatus

HEADER = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"]


def write(path: Path, rows: list[list[object]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def some_rows(n: int = 2_000) -> list[list[object]]:
    generator = np.random.default_rng(3)
    kinds, values = generator.choice(["bid", "view", "watch"], n), generator.choice(["", "2.5"], n)
    users, items, times = (
        generator.integers(300, size=n),
        generator.integers(90, size=n),
        generator.integers(9**9, size=n),
    )
    rows: list[list[object]] = [
        [f"u{users[row]}", f"i-{items[row]}", int(times[row]), kinds[row], values[row]] for row in range(n)
    ]
    order = sorted(range(n), key=lambda row: (f"u{users[row]}", int(times[row])))
    return [rows[row] for row in order]


def test_sorted_file_gives_the_columns_that_reading_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_columns, "BATCH_ROWS", 64)
    path = write(
        tmp_path / "sorted.csv", [['a, "quoted"', "ä", 5, "bid", ""], *some_rows(), ["ö", "ß", 7, "view", "1"]]
    )

    n_rows = write_sorted_columns(path, tmp_path / "streamed")
    write_columns(tmp_path / "whole", read_csv(path))

    streamed, whole = sorted((tmp_path / "streamed").iterdir()), sorted((tmp_path / "whole").iterdir())
    assert n_rows == 2_002
    assert [file.name for file in streamed] == [file.name for file in whole]
    for one, other in zip(streamed, whole, strict=True):
        mine, theirs = np.load(one), np.load(other)
        assert mine.dtype == theirs.dtype, one.name
        np.testing.assert_array_equal(mine, theirs)
    assert read_columns(tmp_path / "streamed").user_ids == read_csv(path).user_ids


@pytest.mark.parametrize(
    "rows",
    [
        [["b", "i", 1, "view", ""], ["a", "i", 1, "view", ""]],
        [["a", "i", 2, "view", ""], ["a", "i", 1, "view", ""]],
        [["a", "i", 1, "view", ""], ["b", "i", 1, "view", ""], ["a", "i", 2, "view", ""]],
        [["a", "i", "yesterday", "view", ""]],
        [["a", "i", 10**12, "view", ""]],
        [["a", "i", 1, "view", "dear"]],
        [["a", "", 1, "view", ""]],
        [["", "i", 1, "view", ""]],
        [["a", "i" * 257, 1, "view", ""]],
        [["a", "i", 1]],
        [["a", "i", 1, f"type-{n}", ""] for n in range(128)],
    ],
)
def test_file_out_of_order_or_with_a_fault_is_left_to_the_reader(rows: list[list[object]], tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", rows)

    with pytest.raises(NotSorted):
        write_sorted_columns(path, tmp_path / "columns")

    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.csv"]


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
class TestMetadata:
    def ensure(self, path: Path, kind: DatasetType) -> object:
        control = get_backend("embedded").control
        group = control.ensure_dataset_group("metadata", tags={})
        return control.ensure_import(f"job-{kind.value}", dataset_group_arn=group.arn, location=path, dataset_type=kind)

    def test_items_and_users_are_counted_and_kept(self, tmp_path: Path, calm_world: Path) -> None:
        items = write(
            tmp_path / "items.csv",
            [["A", 5, "Caps", "Northwold", 12.5], ["B", 5, "Caps", "Northwold", ""]],
            ["ITEM_ID", "CREATION_TIMESTAMP", "CATEGORY_L1", "BRAND", "PRICE"],
        )
        users = write(
            tmp_path / "users.csv", [["u", "2026-03", "Caps"]], ["USER_ID", "FIRST_SEEN_MONTH", "FAVOURITE_CATEGORY"]
        )

        jobs = [self.ensure(items, DatasetType.ITEMS), self.ensure(users, DatasetType.USERS)]

        assert [(job.status, job.n_rows) for job in jobs] == [(ResourceStatus.ACTIVE, 2), (ResourceStatus.ACTIVE, 1)]  # type: ignore[attr-defined]
        assert set(Dataset.objects.values_list("dataset_type", flat=True)) == set(DatasetType)
        known = read_metadata(calm_world / "artifacts" / "metadata" / "imports" / "job-ITEMS")
        assert (known.ids, list(known.categorical["BRAND"])) == (("A", "B"), [("Northwold",)] * 2)
        np.testing.assert_array_equal(known.numerical["PRICE"], [12.5, np.nan])

    def test_item_given_twice_is_named(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "items.csv",
            [["A", 5, "Caps", "Northwold", ""], ["A", 6, "Caps", "Northwold", ""]],
            ["ITEM_ID", "CREATION_TIMESTAMP", "CATEGORY_L1", "BRAND", "PRICE"],
        )

        job = self.ensure(path, DatasetType.ITEMS)

        assert job.status is ResourceStatus.FAILED  # type: ignore[attr-defined]
        assert "'A' has more than one row" in job.failure_reason  # type: ignore[attr-defined]

    def test_bad_row_is_named_by_its_line(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "items.csv",
            [["A", 5, "Caps", "Northwold", ""], ["B", "soon", "Caps", "Northwold", ""]],
            ["ITEM_ID", "CREATION_TIMESTAMP", "CATEGORY_L1", "BRAND", "PRICE"],
        )

        job = self.ensure(path, DatasetType.ITEMS)

        assert job.status is ResourceStatus.FAILED  # type: ignore[attr-defined]
        assert job.failure_reason == "Create failed. Line 3: CREATION_TIMESTAMP is no long."  # type: ignore[attr-defined]

    def test_missing_column_is_refused(self, tmp_path: Path) -> None:
        path = write(tmp_path / "users.csv", [["u"]], ["USER_ID"])

        with pytest.raises(InvalidInput, match=r"\[FIRST_SEEN_MONTH, FAVOURITE_CATEGORY\]"):
            self.ensure(path, DatasetType.USERS)
