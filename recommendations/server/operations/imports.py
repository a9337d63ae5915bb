"""Bulk imports: checked at the door, run by the server's worker."""

from typing import Any

from recommendations import conf
from recommendations.adapters.embedded.arns import make_arn
from recommendations.models.resources import Dataset, DatasetImportJob
from recommendations.server.limits import MAX_PENDING_IMPORTS, require_room_for_pending
from recommendations.server.locations import check_location
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, failure, find, require_active, state
from recommendations.server.wire.faults import invalid
from recommendations.server.wire.reading import Parameters


def create_dataset_import_job(parameters: Parameters) -> dict[str, Any]:
    """Make an import of a CSV file, or of a folder of them."""
    location = parameters["dataSource"].get("dataLocation", "")
    if not location:
        raise invalid("dataSource.dataLocation: it is missing; name a CSV file.")
    check_location(location, conf.data_locations())
    dataset = require_active(find(Dataset, parameters["datasetArn"], "dataset_group"))
    pending = DatasetImportJob.objects.filter(status__in=PENDING)
    require_room_for_pending(pending.count, MAX_PENDING_IMPORTS)
    name = parameters["jobName"]
    row = create(
        DatasetImportJob,
        arn=make_arn("dataset-import-job", name),
        tags=parameters.get("tags", ()),
        dataset=dataset,
        job_name=name,
        location=location,
        role_arn=parameters.get("roleArn", ""),
        import_mode=parameters.get("importMode", "FULL"),
    )
    return {"datasetImportJobArn": row.arn}


def describe_dataset_import_job(parameters: Parameters) -> dict[str, Any]:
    """Tell all of an import."""
    row = find(DatasetImportJob, parameters["datasetImportJobArn"], "dataset")
    more = {
        "datasetArn": row.dataset.arn,
        "dataSource": {"dataLocation": row.location},
        "roleArn": row.role_arn or None,
        "publishAttributionMetricsToS3": False,
    }
    return {"datasetImportJob": {**_summary(row), **more}}


def list_dataset_import_jobs(parameters: Parameters) -> dict[str, Any]:
    """List imports, of one dataset where it is named."""
    rows = DatasetImportJob.objects.all()
    if parameters.get("datasetArn"):
        rows = rows.filter(dataset__arn=parameters["datasetArn"])
    return page("ListDatasetImportJobs", "datasetImportJobs", rows, parameters, _summary)


def _summary(row: DatasetImportJob) -> dict[str, Any]:
    return {
        "datasetImportJobArn": row.arn,
        "jobName": row.job_name,
        "importMode": row.import_mode,
        **state(row),
        **failure(row),
    }
