"""Deletes a dataset group with all in it, in the order that Personalize wants, as far as one call gets."""

import logging
from collections.abc import Iterable
from typing import Any

from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import is_deleted, listed
from recommendations.adapters.personalize.groups import require_ours
from recommendations.adapters.personalize.imports import folder_of
from recommendations.adapters.personalize.solutions import describe_version, newest_version
from recommendations.exceptions import InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.ports import ResourceStatus

logger = logging.getLogger(__name__)

UNDER_WAY = (ResourceStatus.PENDING, ResourceStatus.IN_PROGRESS)


def delete_group(group_arn: str) -> bool:
    """Delete what can be deleted now; each repeat goes on from there.

    Returns:
        Whether nothing is left: neither at Personalize nor among the uploaded files.

    Raises:
        InvalidInput: the group is not the shop's own.
    """
    try:
        control("describe_dataset_group", datasetGroupArn=group_arn)
    except ResourceNotFound:
        folder_of(group_arn).delete()
        return True
    require_ours(group_arn)
    # Trackers and filters hang on the group alone; each further kind waits until those that use it are gone.
    is_empty = _delete_all("event_tracker", "eventTrackers", datasetGroupArn=group_arn)
    is_empty &= _delete_all("filter", "Filters", datasetGroupArn=group_arn)
    is_empty &= _delete_solutions(group_arn)
    if not is_empty or not _delete_all("dataset", "datasets", datasetGroupArn=group_arn):
        return False
    if not _delete("dataset_group", "datasetGroupArn", group_arn) or _is_there(group_arn):
        return False
    folder_of(group_arn).delete()
    return True


def _delete_solutions(group_arn: str) -> bool:
    is_empty = True
    for solution in listed("list_solutions", "solutions", datasetGroupArn=group_arn):
        arn = solution["solutionArn"]
        _stop_training(arn)
        is_empty &= _delete_all("campaign", "campaigns", solutionArn=arn)
    return is_empty and _delete_all("solution", "solutions", datasetGroupArn=group_arn)


def _delete_all(kind: str, member: str, **narrowed: str) -> bool:
    """Delete all of a kind, and return whether none is left."""
    operation = f"list_{kind}s"
    words = kind.split("_")
    field = f"{words[0]}{''.join(word.title() for word in words[1:])}Arn"
    asked = [
        _delete(kind, field, each[field])
        for each in _there(listed(operation, member, **narrowed))
        if not is_deleted(each)
    ]
    return all(asked) and next(iter(_there(listed(operation, member, **narrowed))), None) is None


def _there(summaries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list, or none where what it was narrowed to is gone meanwhile."""
    try:
        return list(summaries)
    except ResourceNotFound:
        return []


def _delete(kind: str, field: str, arn: str) -> bool:
    """Ask for a deletion, and return whether it was taken."""
    try:
        control(f"delete_{kind}", **{field: arn})
    except ResourceNotFound:
        return True
    except ResourceNotReady as error:
        logger.info("not deleted yet", extra={"arn": arn, "error": str(error)})
        return False
    logger.info("deleted", extra={"arn": arn})
    return True


def _stop_training(solution_arn: str) -> None:
    arn = newest_version(solution_arn)
    if arn is None or describe_version(arn).status not in UNDER_WAY:
        return
    try:
        control("stop_solution_version_creation", solutionVersionArn=arn)
    except (InvalidInput, ResourceNotReady) as error:
        logger.info("training not stopped", extra={"arn": arn, "error": str(error)})


def _is_there(group_arn: str) -> bool:
    try:
        control("describe_dataset_group", datasetGroupArn=group_arn)
    except ResourceNotFound:
        return False
    return True
