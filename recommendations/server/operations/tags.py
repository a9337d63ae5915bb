"""Tags of any resource that can carry them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from recommendations import conf
from recommendations.models.filters import Filter
from recommendations.models.resources import (
    BackendResource,
    Campaign,
    Dataset,
    DatasetGroup,
    DatasetImportJob,
    EventTracker,
    Recommender,
    Solution,
    SolutionVersion,
)
from recommendations.server.rows import merge_tags, rows_of
from recommendations.server.wire.faults import ApiFault, not_found
from recommendations.server.wire.reading import Parameters

MODELS: Mapping[str, type[BackendResource]] = {
    "campaign": Campaign,
    "dataset": Dataset,
    "dataset-group": DatasetGroup,
    "dataset-import-job": DatasetImportJob,
    "event-tracker": EventTracker,
    "filter": Filter,
    "recommender": Recommender,
    "solution": Solution,
}
# TagResource and UntagResource, of Amazon Personalize's API reference.
MAX_TAG_KEYS = 50


def tag_resource(parameters: Parameters) -> dict[str, Any]:
    """Add tags, or change their values."""
    with transaction.atomic():
        row = _find(parameters["resourceArn"], for_update=True)
        _keep(row, merge_tags(row.tags, parameters["tags"]))
    return {}


def untag_resource(parameters: Parameters) -> dict[str, Any]:
    """Take tags away; a key that is not there changes nothing."""
    if len(parameters["tagKeys"]) > MAX_TAG_KEYS:
        raise ApiFault("TooManyTagKeysException", f"Give at most {MAX_TAG_KEYS} tag keys.")
    with transaction.atomic():
        row = _find(parameters["resourceArn"], for_update=True)
        gone = set(parameters["tagKeys"])
        _keep(row, {key: value for key, value in row.tags.items() if key not in gone})
    return {}


def list_tags_for_resource(parameters: Parameters) -> dict[str, Any]:
    """List a resource's tags."""
    row = _find(parameters["resourceArn"])
    return {"tags": [{"tagKey": key, "tagValue": value} for key, value in row.tags.items()]}


def _find(arn: str, *, for_update: bool = False) -> BackendResource:
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    model = SolutionVersion if kind == "solution" and "/" in rest else MODELS.get(kind)
    rows = rows_of(model).filter(arn=arn) if model is not None else None
    row = None if rows is None else (rows.select_for_update() if for_update else rows).first()
    if row is None:
        raise not_found(arn)
    return row


def _keep(row: BackendResource, tags: dict[str, str]) -> None:
    row.tags = tags
    row.updated_at = conf.now()
    row.save(update_fields=["tags", "updated_at"])
