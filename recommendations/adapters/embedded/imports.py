"""Runs a bulk import: a CSV of Personalize's columns becomes columns on disk, every row checked."""

from pathlib import Path

from recommendations import conf
from recommendations.adapters.embedded.columns import write_columns
from recommendations.engine.exceptions import EngineError
from recommendations.engine.reading import read_csv
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import DatasetImportJob, Status

REQUIRED_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
# Amazon Personalize developer guide, "Quotas": the least a dataset of interactions may hold.
MIN_INTERACTIONS = 1000


def check_file(location: Path) -> None:
    """Refuse a file that no import could read.

    Raises:
        InvalidInput: it is not there, or lacks a column.
    """
    try:
        with location.open(encoding="utf-8-sig") as file:
            header = [name.strip() for name in file.readline().split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"location == {str(location)!r} cannot be read: {error}.") from error
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise InvalidInput(f"Input CSV is missing the following columns:[{', '.join(missing)}].")


def run_import(job: DatasetImportJob) -> None:
    """Run an import to its end; the job says whether it is ACTIVE or failed, and why.

    Args:
        job: pending, or left in progress by a process that died; it is updated in place.
    """
    _record(job, status=Status.IN_PROGRESS)
    path = Path(job.dataset.dataset_group.name) / "imports" / job.job_name
    try:
        interactions = read_csv(job.location)
        if len(interactions) < MIN_INTERACTIONS:
            reason = f"Create failed. Dataset has fewer than {MIN_INTERACTIONS} interactions: {len(interactions)}."
            _record(job, status=Status.FAILED, failure_reason=reason, n_rows=len(interactions))
            return
        write_columns(conf.artifacts_dir() / path, interactions)
    except (EngineError, OSError) as error:
        _record(job, status=Status.FAILED, failure_reason=f"Create failed. {error}")
        return
    _record(job, status=Status.ACTIVE, n_rows=len(interactions), columns_path=str(path))


def _record(job: DatasetImportJob, **values: object) -> None:
    values["updated_at"] = conf.now()
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))
