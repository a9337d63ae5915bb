"""Schemas: flat Avro records, checked as Amazon Personalize checks them."""

from typing import Any

from django.db.models import ProtectedError

from recommendations.adapters.embedded.arns import make_arn
from recommendations.models.resources import Schema, Status
from recommendations.server.avro import check_schema
from recommendations.server.limits import MAX_SCHEMAS, require_room
from recommendations.server.paging import page
from recommendations.server.rows import create, find, in_use, times
from recommendations.server.wire.reading import Parameters


def create_schema(parameters: Parameters) -> dict[str, Any]:
    """Keep a schema; it is there at once."""
    check_schema(parameters["schema"], domain=parameters.get("domain", ""))
    require_room(Schema.objects.count, MAX_SCHEMAS, "schemas")
    name = parameters["name"]
    row = create(
        Schema,
        arn=make_arn("schema", name),
        name=name,
        text=parameters["schema"],
        domain=parameters.get("domain", ""),
        status=Status.ACTIVE,
    )
    return {"schemaArn": row.arn}


def describe_schema(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a schema."""
    row = find(Schema, parameters["schemaArn"])
    return {"schema": {**_summary(row), "schema": row.text}}


def list_schemas(parameters: Parameters) -> dict[str, Any]:
    """List schemas."""
    return page("ListSchemas", "schemas", Schema.objects.all(), parameters, _summary)


def delete_schema(parameters: Parameters) -> dict[str, Any]:
    """Delete a schema that no dataset uses."""
    row = find(Schema, parameters["schemaArn"])
    try:
        row.delete()
    except ProtectedError as error:
        raise in_use(f"{row.arn} is used by a dataset; delete the dataset first.") from error
    return {}


def _summary(row: Schema) -> dict[str, Any]:
    return {"name": row.name, "schemaArn": row.arn, "domain": row.domain or None, **times(row)}
