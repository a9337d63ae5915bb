"""Dataset groups with their datasets: found by name, and known as the shop's own by a tag."""

import logging
from collections.abc import Mapping
from typing import Any

from recommendations import conf
from recommendations.adapters.embedded.arns import check_name
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import (
    create,
    find_by_name,
    is_deleted,
    listed,
    reason_of,
    status_of,
)
from recommendations.adapters.personalize.schemas import ensure_schema
from recommendations.exceptions import InvalidInput, ResourceNotReady
from recommendations.ports import NO_VALUES, DatasetType, Resource, ResourceStatus

logger = logging.getLogger(__name__)


def mark() -> dict[str, str]:
    """Return this shop's tags: what lacks them was made by others in the account, and is neither used nor deleted."""
    return {"managed-by": "storefront", "world": conf.world()}


def ensure_group(name: str, tags: Mapping[str, str]) -> Resource:
    """Return the dataset group of a name with its datasets of interactions and items, made where they are missing.

    Returns:
        The group; its status is ACTIVE once all are, until then one asks again.

    Raises:
        InvalidInput: the name is refused, or a group of this name has other tags.
        ResourceNotReady: it is being deleted.
    """
    check_name("name", name)
    wanted = {**tags, **mark()}
    arn = _find_arn(name)
    if arn is None:
        arn = create(lambda: _create(name, wanted), lambda: _find_arn(name))
    described = control("describe_dataset_group", datasetGroupArn=arn)["datasetGroup"]
    if is_deleted(described):
        raise ResourceNotReady(f"{arn} is being deleted; ask again once it is gone.")
    require_ours(arn, wanted)
    group = Resource(arn, status_of(described), reason_of(described))
    if group.status is not ResourceStatus.ACTIVE:
        return group
    # Items too: what is put before the import must find its dataset.
    datasets = [ensure_dataset(arn, kind) for kind in (DatasetType.INTERACTIONS, DatasetType.ITEMS)]
    least = next((dataset for dataset in datasets if dataset.status is not ResourceStatus.ACTIVE), datasets[0])
    return Resource(arn, least.status, least.failure_reason)


def find_group(name: str) -> Resource | None:
    """Return the dataset group of a name, None where there is none or where it is not the shop's."""
    found = find_by_name("list_dataset_groups", "datasetGroups", name)
    if found is None or not is_ours(found["datasetGroupArn"]):
        return None
    return Resource(found["datasetGroupArn"], status_of(found), reason_of(found))


def require_ours(group_arn: str, tags: Mapping[str, str] = NO_VALUES) -> None:
    """Refuse a group that somebody else made.

    Raises:
        InvalidInput: it lacks a tag, or has another value of it.
    """
    held = _tags(group_arn)
    for key, value in (mark() | dict(tags)).items():
        if held.get(key) != value:
            raise InvalidInput(
                f"{group_arn} has the tag {key} == {held.get(key)!r}, not {value!r}: it is not this shop's. "
                "Delete it, or choose another name."
            )


def is_ours(group_arn: str) -> bool:
    """Return whether the shop made a group."""
    held = _tags(group_arn)
    return all(held.get(key) == value for key, value in mark().items())


def find_dataset(group_arn: str, dataset_type: DatasetType) -> str | None:
    """Return the ARN of the group's dataset of a type, None where there is none."""
    return next(
        (
            str(each["datasetArn"])
            for each in listed("list_datasets", "datasets", datasetGroupArn=group_arn)
            if each["datasetType"].upper() == dataset_type.value
        ),
        None,
    )


def ensure_dataset(group_arn: str, dataset_type: DatasetType) -> Resource:
    """Return the group's dataset of a type, made where it is missing; it may be pending.

    Raises:
        ResourceNotReady: the group is not ACTIVE.
    """

    def find() -> str | None:
        return find_dataset(group_arn, dataset_type)

    name = f"{group_arn.rpartition('/')[2][:50]}-{dataset_type.value.lower()}"
    arn = find() or create(
        lambda: str(
            control(
                "create_dataset",
                name=name,
                schemaArn=ensure_schema(dataset_type),
                datasetGroupArn=group_arn,
                datasetType=dataset_type.value,
            )["datasetArn"]
        ),
        find,
    )
    described: dict[str, Any] = control("describe_dataset", datasetArn=arn)["dataset"]
    return Resource(arn, status_of(described), reason_of(described))


def _create(name: str, tags: Mapping[str, str]) -> str:
    listed_tags = [{"tagKey": key, "tagValue": value} for key, value in tags.items()]
    arn = str(control("create_dataset_group", name=name, tags=listed_tags)["datasetGroupArn"])
    logger.info("dataset group created", extra={"arn": arn})
    return arn


def _find_arn(name: str) -> str | None:
    found = find_by_name("list_dataset_groups", "datasetGroups", name)
    return None if found is None else str(found["datasetGroupArn"])


def _tags(arn: str) -> dict[str, str]:
    answer = control("list_tags_for_resource", resourceArn=arn)
    return {each["tagKey"]: each["tagValue"] for each in answer.get("tags", ())}
