"""Writes the CSV file of one dataset: checked row by row, whole or not there at all."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from recommendations.datasets import SCHEMAS, RowCheck
from recommendations.pipeline.etl.report import DatasetCounts
from recommendations.ports import DatasetType

BUFFER_BYTES = 1 << 20

DatasetRow = TypeVar("DatasetRow", bound=Sequence[object])


class DatasetFile:
    """A file under way. Rows are checked as they come; `keep` puts the file in its place, leaving the block drops it.

    Args:
        path: where the file is to be; its parents are made.
        dataset_type: whose schema and columns.
    """

    def __init__(self, path: Path, dataset_type: DatasetType) -> None:
        self._check = RowCheck(SCHEMAS[dataset_type])
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}")
        self.n_read = self.n_exported = 0
        self.dropped: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._partial.open("w", encoding="utf-8", newline="", buffering=BUFFER_BYTES)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(self._check.columns)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def write(self, rows: Iterable[DatasetRow]) -> list[DatasetRow]:
        """Write the good rows and count the others; rows are values in the order of the columns.

        Returns:
            The rows that were written.
        """
        names, fault = self._check.columns, self._check.fault
        good = []
        for row in rows:
            self.n_read += 1
            reason = fault(dict(zip(names, row, strict=True)))
            if reason:
                self.refused[reason] += 1
            else:
                good.append(row)
        self._writer.writerows(good)
        self.n_exported += len(good)
        return good

    def drop(self, reason: str, n: int = 1) -> None:
        """Count good rows that are left out on purpose."""
        self.n_read += n
        self.dropped[reason] += n

    def keep(self) -> DatasetCounts:
        """Put the file in its place and return its counts."""
        self._file.flush()
        os.fsync(self._file.fileno())
        n_bytes = self._partial.stat().st_size
        self._partial.replace(self._path)
        return DatasetCounts(self.n_read, self.n_exported, dict(self.dropped), dict(self.refused), n_bytes)
