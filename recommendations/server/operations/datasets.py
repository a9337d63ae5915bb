"""Datasets: at most one of interactions, items and users in a group, each held to its schema."""

import json
from typing import Any

from django.db import transaction

from recommendations import conf
from recommendations.adapters.embedded.arns import make_arn
from recommendations.adapters.embedded.imports import schema_of
from recommendations.models.resources import Dataset, Schema
from recommendations.server.avro import KINDS, kind_of, types_of
from recommendations.server.paging import page
from recommendations.server.rows import PENDING, create, find, find_group, in_use, require_active, state
from recommendations.server.wire.faults import invalid, not_found
from recommendations.server.wire.reading import Parameters


def create_dataset(parameters: Parameters) -> dict[str, Any]:
    """Make a dataset of a schema."""
    kind = parameters["datasetType"].upper()
    if kind not in KINDS:
        raise invalid(f"datasetType == {parameters['datasetType']!r}: give one of {', '.join(KINDS)}.")
    schema = find(Schema, parameters["schemaArn"])
    group = find_group(parameters["datasetGroupArn"])
    if kind_of(json.loads(schema.text)) != kind:
        raise invalid(f"schemaArn == {schema.arn!r}: it is no schema of {KINDS[kind]}.")
    if schema.domain != group.domain:
        raise invalid(
            f"schemaArn == {schema.arn!r}: its domain is {schema.domain or 'none'}, the group's "
            f"{group.domain or 'none'}; they must be the same."
        )
    row = create(
        Dataset,
        arn=make_arn("dataset", group.name, kind),
        tags=parameters.get("tags", ()),
        name=parameters["name"],
        dataset_group=group,
        dataset_type=kind,
        schema=schema,
    )
    return {"datasetArn": row.arn}


def describe_dataset(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a dataset."""
    row = find(Dataset, parameters["datasetArn"], "dataset_group", "schema", "dataset_group__event_tracker")
    tracker = getattr(row.dataset_group, "event_tracker", None)
    more = {
        "datasetGroupArn": row.dataset_group.arn,
        "schemaArn": row.schema.arn if row.schema else None,
        "trackingId": tracker.tracking_id if tracker and row.dataset_type == "INTERACTIONS" else None,
    }
    return {"dataset": {**_summary(row), **more}}


def update_dataset(parameters: Parameters) -> dict[str, Any]:
    """Give a dataset another schema, which has all columns of its present one; the next import is held to it."""
    schema = find(Schema, parameters["schemaArn"])
    with transaction.atomic():
        row = Dataset.objects.select_for_update(of=("self",)).filter(arn=parameters["datasetArn"]).first()
        if row is None:
            raise not_found(parameters["datasetArn"])
        require_active(row)
        if row.import_jobs.filter(status__in=PENDING).exists():
            raise in_use(f"{row.arn} has an import under way; wait until it is over.")
        _require_wider(row, schema)
        row.schema = schema
        row.updated_at = conf.now()
        row.save(update_fields=["schema", "updated_at"])
    return {"datasetArn": row.arn}


def list_datasets(parameters: Parameters) -> dict[str, Any]:
    """List datasets, of one group where it is named."""
    rows = Dataset.objects.all()
    if parameters.get("datasetGroupArn"):
        rows = rows.filter(dataset_group__arn=parameters["datasetGroupArn"])
    return page("ListDatasets", "datasets", rows, parameters, _summary)


def delete_dataset(parameters: Parameters) -> dict[str, Any]:
    """Delete a dataset with its imports and records, unless one is being imported or a training reads it."""
    row = find(Dataset, parameters["datasetArn"], "dataset_group")
    if row.import_jobs.filter(status__in=PENDING).exists():
        raise in_use(f"{row.arn} has an import under way; wait until it is over.")
    if row.dataset_group.solutions.filter(versions__status__in=PENDING).exists():
        raise in_use(f"{row.arn} is read by a training; wait until it is over, or stop it.")
    if row.dataset_type == "INTERACTIONS" and hasattr(row.dataset_group, "event_tracker"):
        raise in_use(f"{row.arn} is written to by an event tracker; delete the tracker first.")
    with transaction.atomic():
        row.delete()
    return {}


def _require_wider(row: Dataset, schema: Schema) -> None:
    given = json.loads(schema.text)
    if kind_of(given) != row.dataset_type:
        raise invalid(f"schemaArn == {schema.arn!r}: it is no schema of {KINDS[row.dataset_type]}.")
    if schema.domain != row.dataset_group.domain:
        raise invalid(f"schemaArn == {schema.arn!r}: its domain is another than the dataset group's.")
    types = {field["name"]: types_of(field) for field in given["fields"]}
    kept = {field["name"]: types_of(field) for field in schema_of(row)["fields"]}
    for name, kinds in kept.items():
        if types.get(name) != kinds:
            raise invalid(f"schemaArn == {schema.arn!r}: it must have the column {name} as it is; add columns only.")


def _summary(row: Dataset) -> dict[str, Any]:
    # One that the shop's own backend made has no name of its own.
    return {
        "name": row.name or row.dataset_type.lower(),
        "datasetArn": row.arn,
        "datasetType": row.dataset_type,
        **state(row),
    }
