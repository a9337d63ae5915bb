"""Resources by name: lists read to their end, and creations that somebody else may have done a moment ago."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from recommendations.adapters.personalize.clients import control
from recommendations.exceptions import InvalidInput, ResourceNotReady
from recommendations.ports import ResourceStatus

EXISTS = "(ResourceAlreadyExistsException)"
# Lists are read to their end; no account may have as many pages as this.
MAX_PAGES = 1000
STATUSES: Mapping[str, ResourceStatus] = {
    **{status.value: status for status in ResourceStatus},
    "CREATE STOPPING": ResourceStatus.STOPPED,
    # What is half deleted is still there to be deleted: for the port it is what failed.
    "DELETE PENDING": ResourceStatus.FAILED,
    "DELETE IN_PROGRESS": ResourceStatus.FAILED,
}


def listed(operation: str, member: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Yield all summaries of a list.

    Args:
        operation: `list_campaigns` for example.
        member: of the answer, that holds them.
        parameters: what narrows the list.

    Raises:
        RecommendationsError: as `adapters.aws.errors` translates.
    """
    token: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        answer = control(operation, maxResults=100, **parameters, **token)
        yield from answer.get(member, ())
        if not answer.get("nextToken"):
            return
        token = {"nextToken": answer["nextToken"]}


def find_by_name(operation: str, member: str, name: str, *, field: str = "name", **parameters: Any) -> Any:
    """Return the summary of a name, None where there is none."""
    return next((each for each in listed(operation, member, **parameters) if each.get(field) == name), None)


def create(make: Callable[[], str], find: Callable[[], str | None]) -> str:
    """Create a resource, and return its ARN.

    Args:
        make: creates it.
        find: looks for it where another process was faster.

    Raises:
        InvalidInput: the name is taken by a resource of another kind of parent.
        ResourceNotReady: it was made a moment ago, and no list shows it yet.
    """
    try:
        return make()
    except InvalidInput as error:
        if not str(error).endswith(EXISTS):
            raise
        found = find()
        if found is None:
            raise ResourceNotReady(f"{error} No list shows it yet, or it belongs to another parent.") from error
        return found


def status_of(described: Mapping[str, Any]) -> ResourceStatus:
    """Return the port's status of what was described."""
    return STATUSES.get(str(described.get("status", "")), ResourceStatus.PENDING)


def reason_of(described: Mapping[str, Any]) -> str:
    """Return why it failed; empty where it did not."""
    return str(described.get("failureReason") or "")


def is_deleted(described: Mapping[str, Any]) -> bool:
    """Return whether its deletion was asked for."""
    return str(described.get("status", "")).startswith("DELETE")
