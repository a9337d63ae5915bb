"""Bulk imports: a file checked here, uploaded to S3, imported from there."""

import logging
from pathlib import Path
from typing import Any

from recommendations import conf
from recommendations.adapters.aws.storage import Folder
from recommendations.adapters.embedded.arns import check_name
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import create, find_by_name, reason_of, status_of
from recommendations.adapters.personalize.groups import ensure_dataset
from recommendations.datasets import check_file
from recommendations.ports import DatasetType, ImportJob, ResourceStatus

logger = logging.getLogger(__name__)

# Personalize tells nobody how many rows it read; how many were sent goes with the job.
ROWS = "rows"


def ensure_import(job_name: str, group_arn: str, location: Path, dataset_type: DatasetType) -> ImportJob:
    """Return the import of a name into the group's dataset, begun where it was not.

    Returns:
        The job; while its dataset is being made, the dataset's ARN stands for it. `n_rows` is what was uploaded, every
        part of it compared by its checksum.

    Raises:
        InvalidInput: the name is refused, or the file cannot be read or lacks a column.
    """
    check_name("job_name", job_name)
    dataset = ensure_dataset(group_arn, dataset_type)

    def find() -> str | None:
        found = find_by_name(
            "list_dataset_import_jobs", "datasetImportJobs", job_name, field="jobName", datasetArn=dataset.arn
        )
        return None if found is None else str(found["datasetImportJobArn"])

    arn = find()
    if arn is None:
        check_file(location, dataset_type)
        if dataset.status is not ResourceStatus.ACTIVE:
            return ImportJob(dataset.arn, dataset.status, dataset.failure_reason)
        arn = create(lambda: _create(job_name, dataset.arn, location, folder_of(group_arn)), find)
    described = control("describe_dataset_import_job", datasetImportJobArn=arn)["datasetImportJob"]
    status = status_of(described)
    n_rows = _sent_rows(arn) if status is ResourceStatus.ACTIVE else None
    return ImportJob(arn, status, reason_of(described), n_rows=n_rows)


def folder_of(group_arn: str) -> Folder:
    """Return where a group's files lie on S3.

    Raises:
        InvalidInput: PERSONALIZE_BUCKET is no location on S3.
    """
    return Folder.parse(conf.personalize_bucket()).below(group_arn.rpartition("/")[2])


def _create(job_name: str, dataset_arn: str, location: Path, folder: Folder) -> str:
    n_rows = _count_rows(location)
    uploaded = folder.upload(location, f"{job_name}.csv")
    answer = control(
        "create_dataset_import_job",
        jobName=job_name,
        datasetArn=dataset_arn,
        dataSource={"dataLocation": uploaded},
        roleArn=conf.personalize_role_arn(),
        importMode="FULL",
        tags=[{"tagKey": ROWS, "tagValue": str(n_rows)}],
    )
    arn = str(answer["datasetImportJobArn"])
    logger.info("import begun", extra={"arn": arn, "n_rows": n_rows})
    return arn


def _count_rows(location: Path) -> int:
    """Lines below the header; the exports write no line breaks inside values."""
    with location.open("rb") as file:
        return max(sum(1 for line in file if line.strip()) - 1, 0)


def _sent_rows(job_arn: str) -> int | None:
    tags: list[dict[str, Any]] = control("list_tags_for_resource", resourceArn=job_arn).get("tags", [])
    sent = next((each["tagValue"] for each in tags if each["tagKey"] == ROWS), "")
    return int(sent) if sent.isdecimal() else None
