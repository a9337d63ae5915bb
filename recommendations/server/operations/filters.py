"""Filters: expressions over a group's own schemas."""

from typing import Any

from django.db.models import QuerySet

from recommendations.adapters.embedded.arns import make_arn
from recommendations.adapters.embedded.filters import check_expression
from recommendations.models.filters import Filter
from recommendations.server.limits import MAX_FILTERS_IN_GROUP, require_room
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, failure, find, find_group, in_use, state
from recommendations.server.wire.faults import not_found
from recommendations.server.wire.reading import Parameters


def create_filter(parameters: Parameters) -> dict[str, Any]:
    """Make a filter of an expression that the group's data can answer."""
    group = find_group(parameters["datasetGroupArn"])
    check_expression(group, parameters["filterExpression"])
    require_room(
        visible_filters().filter(dataset_group=group).count, MAX_FILTERS_IN_GROUP, "filters in a dataset group"
    )
    name = parameters["name"]
    row = create(
        Filter,
        arn=make_arn("filter", name),
        tags=parameters.get("tags", ()),
        name=name,
        dataset_group=group,
        expression=parameters["filterExpression"],
    )
    return {"filterArn": row.arn}


def describe_filter(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a filter."""
    row = _find(parameters["filterArn"])
    return {"filter": {**_summary(row), "filterExpression": row.expression}}


def list_filters(parameters: Parameters) -> dict[str, Any]:
    """List filters, of one group where it is named; the list's name begins with a capital letter, as Amazon's does."""
    rows = visible_filters().select_related("dataset_group")
    if parameters.get("datasetGroupArn"):
        rows = rows.filter(dataset_group__arn=parameters["datasetGroupArn"])
    return page("ListFilters", "Filters", rows, parameters, _summary)


def delete_filter(parameters: Parameters) -> dict[str, Any]:
    """Delete a filter."""
    row = _find(parameters["filterArn"])
    if row.status in PENDING:
        raise in_use(f"{row.arn} is {row.status}; wait until it is ACTIVE.")
    row.delete()
    return {}


def visible_filters() -> QuerySet[Filter]:
    """Return the filters that somebody made, without those of recommenders."""
    return Filter.objects.exclude(arn__contains=":recommender/")


def _find(arn: str) -> Filter:
    if ":recommender/" in arn:
        raise not_found(arn)
    return find(Filter, arn, "dataset_group")


def _summary(row: Filter) -> dict[str, Any]:
    return {
        "name": row.name,
        "filterArn": row.arn,
        "datasetGroupArn": row.dataset_group.arn,
        **state(row),
        **failure(row),
    }
