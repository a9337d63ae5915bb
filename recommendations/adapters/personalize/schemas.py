"""The Avro schemas of the shop's datasets as Personalize keeps them: one of each kind, shared by all groups."""

import hashlib
import json

from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import create, find_by_name
from recommendations.datasets import SCHEMAS
from recommendations.ports import DatasetType


def schema_name(dataset_type: DatasetType) -> str:
    """Return the name of a dataset's schema, which tells its content: another content has another name."""
    digest = hashlib.sha256(schema_text(dataset_type).encode()).hexdigest()
    return f"storefront-{dataset_type.value.lower()}-{digest[:12]}"


def schema_text(dataset_type: DatasetType) -> str:
    """Return the Avro JSON."""
    return json.dumps(SCHEMAS[dataset_type])


def ensure_schema(dataset_type: DatasetType) -> str:
    """Return the ARN of a dataset's schema, created where it is missing.

    Raises:
        RecommendationsError: as `adapters.aws.errors` translates.
    """
    name = schema_name(dataset_type)

    def find() -> str | None:
        found = find_by_name("list_schemas", "schemas", name)
        return None if found is None else str(found["schemaArn"])

    return find() or create(
        lambda: str(control("create_schema", name=name, schema=schema_text(dataset_type))["schemaArn"]), find
    )
