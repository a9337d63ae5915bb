"""What every resource has in common: found by its ARN, made under a free name, described, tagged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from recommendations import conf
from recommendations.models.resources import BackendResource, DatasetGroup, Status
from recommendations.server.limits import MAX_TAGS
from recommendations.server.wire.faults import ApiFault, invalid, not_found

Row = TypeVar("Row", bound=BackendResource)

PENDING = (Status.PENDING, Status.IN_PROGRESS)


def rows_of(model: type[Row]) -> QuerySet[Row]:
    """Return all rows of a kind of resource."""
    return model._default_manager.all()  # noqa: SLF001 - Django's own name for a model's manager


def find(model: type[Row], arn: str, *related: str) -> Row:
    """Return the resource of an ARN, with the related rows named.

    Raises:
        ApiFault: ResourceNotFoundException.
    """
    row = rows_of(model).select_related(*related).filter(arn=arn).first()
    if row is None:
        raise not_found(arn)
    return row


def find_group(arn: str) -> DatasetGroup:
    """Return an ACTIVE dataset group.

    Raises:
        ApiFault: ResourceNotFoundException; ResourceInUseException while it is made or deleted.
    """
    return require_active(find(DatasetGroup, arn))


def require_active(row: Row) -> Row:
    """Return the row if it is ACTIVE.

    Raises:
        ApiFault: ResourceInUseException while it is made or deleted, InvalidInputException where it failed.
    """
    if row.status in {Status.FAILED, Status.STOPPED}:
        raise invalid(f"{row.arn} is {row.status}; it cannot be used.")
    if row.status != Status.ACTIVE:
        raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
    return row


def in_use(message: str) -> ApiFault:
    """Return the fault of a resource that others hold."""
    return ApiFault("ResourceInUseException", message)


def create(model: type[Row], *, arn: str, tags: Sequence[Mapping[str, str]] = (), **values: Any) -> Row:
    """Make a resource; it is pending until the server's next step.

    Args:
        model: of the resource.
        arn: its ARN, made of its name, so that a name that is taken is found by it.
        tags: as the request has them.
        values: the fields.

    Raises:
        ApiFault: ResourceAlreadyExistsException, TooManyTagsException, InvalidInputException for a repeated tag.
    """
    now = conf.now()
    merged = merge_tags({}, tags)
    values.setdefault("status", Status.PENDING)
    try:
        with transaction.atomic():
            return rows_of(model).create(arn=arn, tags=merged, created_at=now, updated_at=now, **values)
    except IntegrityError as error:
        raise ApiFault("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.") from error


def merge_tags(tags: Mapping[str, str], given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags with those given added or changed.

    Raises:
        ApiFault: TooManyTagsException; InvalidInputException for a key that is given twice, or is Amazon's own.
    """
    added: dict[str, str] = {}
    for tag in given:
        key = tag["tagKey"]
        if key in added:
            raise invalid(f"tags: the key {key!r} is given twice; give it once.")
        if key.lower().startswith("aws:"):
            raise invalid(f"tags: the key {key!r} begins with aws:, which is reserved; choose another.")
        added[key] = tag["tagValue"]
    merged = {**tags, **added}
    if len(merged) > MAX_TAGS:
        raise ApiFault("TooManyTagsException", f"A resource may have {MAX_TAGS} tags, not {len(merged)}.")
    return merged


def times(row: BackendResource) -> dict[str, Any]:
    """Return when it was made and last changed."""
    return {"creationDateTime": row.created_at, "lastUpdatedDateTime": row.updated_at}


def state(row: BackendResource) -> dict[str, Any]:
    """Return its status and times."""
    return {"status": row.status, **times(row)}


def failure(row: BackendResource) -> dict[str, Any]:
    """Return why it failed, where it did."""
    return {"failureReason": row.failure_reason or None}


def only(parameters: Mapping[str, Any], member: str, apply: Callable[[str], Any], everything: Any) -> Any:
    """Return rows narrowed by a member of the request where it is given, else everything."""
    given = parameters.get(member)
    return apply(given) if given else everything
