"""Dataset groups: custom ones, and those of a domain."""

from typing import Any

from recommendations.adapters.embedded.arns import make_arn
from recommendations.adapters.embedded.control import delete_live_state
from recommendations.models.filters import Filter
from recommendations.models.resources import DatasetGroup, Recommender
from recommendations.server.limits import MAX_DATASET_GROUPS, require_room
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, failure, find, in_use, state
from recommendations.server.wire.faults import invalid
from recommendations.server.wire.reading import Parameters


def create_dataset_group(parameters: Parameters) -> dict[str, Any]:
    """Make a group without datasets."""
    if bool(parameters.get("kmsKeyArn")) != bool(parameters.get("roleArn")):
        raise invalid("kmsKeyArn, roleArn: give both or none of them.")
    require_room(DatasetGroup.objects.count, MAX_DATASET_GROUPS, "dataset groups")
    name = parameters["name"]
    row = create(
        DatasetGroup,
        arn=make_arn("dataset-group", name),
        tags=parameters.get("tags", ()),
        name=name,
        domain=parameters.get("domain", ""),
        role_arn=parameters.get("roleArn", ""),
        kms_key_arn=parameters.get("kmsKeyArn", ""),
    )
    return {"datasetGroupArn": row.arn, "domain": row.domain or None}


def describe_dataset_group(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a group."""
    row = find(DatasetGroup, parameters["datasetGroupArn"])
    keys = {"roleArn": row.role_arn or None, "kmsKeyArn": row.kms_key_arn or None}
    return {"datasetGroup": {**_summary(row), **keys}}


def list_dataset_groups(parameters: Parameters) -> dict[str, Any]:
    """List groups."""
    return page("ListDatasetGroups", "datasetGroups", DatasetGroup.objects.all(), parameters, _summary)


def delete_dataset_group(parameters: Parameters) -> dict[str, Any]:
    """Delete an empty group: datasets, solutions, trackers, filters and recommenders go first."""
    row = find(DatasetGroup, parameters["datasetGroupArn"])
    if row.status in PENDING:
        raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
    held = {
        "datasets": row.datasets.exists(),
        "solutions": row.solutions.exists(),
        "an event tracker": hasattr(row, "event_tracker"),
        "filters": Filter.objects.filter(dataset_group=row).exists(),
        "recommenders": Recommender.objects.filter(dataset_group=row).exists(),
    }
    still = [what for what, is_there in held.items() if is_there]
    if still:
        raise in_use(f"{row.arn} still has {', '.join(still)}; delete them first.")
    delete_live_state(row)
    row.delete()
    return {}


def _summary(row: DatasetGroup) -> dict[str, Any]:
    return {
        "name": row.name,
        "datasetGroupArn": row.arn,
        "domain": row.domain or None,
        **state(row),
        **failure(row),
    }
