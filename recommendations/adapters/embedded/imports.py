"""Runs a bulk import: a CSV of its dataset's columns, every row checked, becomes what trainings read."""

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommendations import conf
from recommendations.adapters.embedded.columns import write_columns, write_metadata
from recommendations.adapters.embedded.sorted_columns import NotSorted, write_sorted_columns
from recommendations.datasets import SCHEMAS, RowCheck, parse_text, require_columns
from recommendations.engine.attributes.metadata_reading import read_metadata_csv
from recommendations.engine.exceptions import EngineError
from recommendations.engine.reading import read_csv
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import Dataset, DatasetImportJob, Status
from recommendations.ports import DatasetType

# Amazon Personalize developer guide, "Quotas": the least a dataset of interactions may hold.
MIN_INTERACTIONS = 1000


def schema_of(dataset: Dataset) -> Mapping[str, Any]:
    """Return a dataset's schema; that of the shop's exports where it was given none."""
    if dataset.schema is None:
        return SCHEMAS[DatasetType(dataset.dataset_type)]
    schema: Mapping[str, Any] = json.loads(dataset.schema.text)
    return schema


def run_import(job: DatasetImportJob, file: Path | None = None) -> None:
    """Run an import to its end; the job says whether it is ACTIVE or failed, and why.

    Args:
        job: pending, or left in progress by a process that died; it is updated in place.
        file: where its data lie; at its location by default.
    """
    _record(job, status=Status.IN_PROGRESS)
    source = file or Path(job.location)
    path = Path(job.dataset.dataset_group.name) / "imports" / job.job_name
    try:
        n_rows = _import(job.dataset, source, conf.artifacts_dir() / path)
    except (EngineError, InvalidInput, OSError, UnicodeDecodeError, csv.Error) as error:
        _record(job, status=Status.FAILED, failure_reason=f"Create failed. {error}")
        return
    if job.dataset.dataset_type == DatasetType.INTERACTIONS and n_rows < MIN_INTERACTIONS:
        shutil.rmtree(conf.artifacts_dir() / path, ignore_errors=True)
        reason = f"Create failed. Dataset has fewer than {MIN_INTERACTIONS} interactions: {n_rows}."
        _record(job, status=Status.FAILED, failure_reason=reason, n_rows=n_rows)
        return
    _record(job, status=Status.ACTIVE, n_rows=n_rows, columns_path=str(path))


def _import(dataset: Dataset, source: Path, folder: Path) -> int:
    schema = schema_of(dataset)
    if dataset.dataset_type == DatasetType.INTERACTIONS:
        if dataset.schema is not None:
            require_columns(source, tuple(field["name"] for field in schema["fields"]))
        return _import_interactions(source, folder)
    return _import_metadata(source, folder, schema)


def _import_interactions(location: Path, folder: Path) -> int:
    """Write the columns: row by row where the file is sorted as a retrain sorts it, else by sorting it in memory."""
    try:
        return write_sorted_columns(location, folder)
    except NotSorted:
        interactions = read_csv(location)
        write_columns(folder, interactions)
        return len(interactions)


def _import_metadata(location: Path, folder: Path, schema: Mapping[str, Any]) -> int:
    """Write the columns of Items or Users, every row checked against the schema."""
    check = RowCheck(schema)
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    require_columns(location, check.columns)
    with location.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            record = {name: parse_text(kind, row[name] or "") for name, kind in kinds.items()}
            fault = check.fault(record)
            if fault:
                raise InvalidInput(f"Line {reader.line_num}: {fault}.")
    metadata = read_metadata_csv(location, schema, keeps_plain=True)
    write_metadata(folder, metadata)
    return len(metadata)


def _record(job: DatasetImportJob, **values: object) -> None:
    values["updated_at"] = conf.now()
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))
