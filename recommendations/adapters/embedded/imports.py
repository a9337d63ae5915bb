"""Runs a bulk import: a CSV of Personalize's columns, every row checked, becomes what trainings read."""

import csv
import shutil
from pathlib import Path

from recommendations import conf
from recommendations.adapters.embedded.columns import write_columns, write_metadata
from recommendations.adapters.embedded.sorted_columns import NotSorted, write_sorted_columns
from recommendations.datasets import SCHEMAS, RowCheck, columns, parse_text
from recommendations.engine.exceptions import EngineError
from recommendations.engine.metadata_reading import read_metadata_csv
from recommendations.engine.reading import read_csv
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import DatasetImportJob, Status
from recommendations.ports import DatasetType

REQUIRED_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
# Amazon Personalize developer guide, "Quotas": the least a dataset of interactions may hold.
MIN_INTERACTIONS = 1000


def check_file(location: Path, dataset_type: DatasetType = DatasetType.INTERACTIONS) -> None:
    """Refuse a file that no import could read.

    Raises:
        InvalidInput: it is not there, or lacks a column.
    """
    try:
        with location.open(encoding="utf-8-sig") as file:
            header = [name.strip() for name in file.readline().split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"location == {str(location)!r} cannot be read: {error}.") from error
    required = REQUIRED_COLUMNS if dataset_type is DatasetType.INTERACTIONS else columns(dataset_type)
    missing = [name for name in required if name not in header]
    if missing:
        raise InvalidInput(f"Input CSV is missing the following columns:[{', '.join(missing)}].")


def run_import(job: DatasetImportJob) -> None:
    """Run an import to its end; the job says whether it is ACTIVE or failed, and why.

    Args:
        job: pending, or left in progress by a process that died; it is updated in place.
    """
    _record(job, status=Status.IN_PROGRESS)
    dataset_type = DatasetType(job.dataset.dataset_type)
    path = Path(job.dataset.dataset_group.name) / "imports" / job.job_name
    try:
        if dataset_type is DatasetType.INTERACTIONS:
            n_rows = _import_interactions(Path(job.location), conf.artifacts_dir() / path)
        else:
            n_rows = _import_metadata(Path(job.location), conf.artifacts_dir() / path, dataset_type)
    except (EngineError, InvalidInput, OSError, UnicodeDecodeError, csv.Error) as error:
        _record(job, status=Status.FAILED, failure_reason=f"Create failed. {error}")
        return
    if dataset_type is DatasetType.INTERACTIONS and n_rows < MIN_INTERACTIONS:
        shutil.rmtree(conf.artifacts_dir() / path, ignore_errors=True)
        reason = f"Create failed. Dataset has fewer than {MIN_INTERACTIONS} interactions: {n_rows}."
        _record(job, status=Status.FAILED, failure_reason=reason, n_rows=n_rows)
        return
    _record(job, status=Status.ACTIVE, n_rows=n_rows, columns_path=str(path))


def _import_interactions(location: Path, folder: Path) -> int:
    """Write the columns: row by row where the file is sorted as a retrain sorts it, else by sorting it in memory."""
    try:
        return write_sorted_columns(location, folder)
    except NotSorted:
        interactions = read_csv(location)
        write_columns(folder, interactions)
        return len(interactions)


def _import_metadata(location: Path, folder: Path, dataset_type: DatasetType) -> int:
    """Write the columns of Items or Users, every row checked against the schema."""
    check = RowCheck(dataset_type)
    with location.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            record = {name: parse_text(dataset_type, name, row[name] or "") for name in check.columns}
            fault = check.fault(record)
            if fault:
                raise InvalidInput(f"Line {reader.line_num}: {fault}.")
    metadata = read_metadata_csv(location, SCHEMAS[dataset_type])
    write_metadata(folder, metadata)
    return len(metadata)


def _record(job: DatasetImportJob, **values: object) -> None:
    values["updated_at"] = conf.now()
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))
