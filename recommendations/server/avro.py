"""PURE rules of a dataset's schema: a flat Avro record with the fields that its kind of dataset must have."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fastavro.schema import SchemaParseException, parse_schema

from recommendations.server.wire.faults import invalid

# Amazon Personalize developer guide, "Schema JSON" and "Dataset requirements".
NAMESPACE = "com.amazonaws.personalize.schema"
PRIMITIVES = frozenset({"float", "double", "int", "long", "string", "boolean", "null"})
REQUIRED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Interactions": {
        "USER_ID": frozenset({"string"}),
        "ITEM_ID": frozenset({"string"}),
        "TIMESTAMP": frozenset({"long"}),
    },
    "Items": {"ITEM_ID": frozenset({"string"})},
    "Users": {"USER_ID": frozenset({"string"})},
}
RESERVED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Interactions": {
        "EVENT_TYPE": frozenset({"string"}),
        "EVENT_VALUE": frozenset({"float", "double", "null"}),
        "IMPRESSION": frozenset({"string", "null"}),
        "RECOMMENDATION_ID": frozenset({"string", "null"}),
        "EVENT_ATTRIBUTION_SOURCE": frozenset({"string", "null"}),
    },
    "Items": {"CREATION_TIMESTAMP": frozenset({"long", "null"})},
    "Users": {},
}
# A domain's dataset must have these besides.
DOMAIN_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ECOMMERCE", "Interactions"): ("EVENT_TYPE",),
    ("ECOMMERCE", "Items"): ("PRICE", "CATEGORY_L1"),
    ("VIDEO_ON_DEMAND", "Interactions"): ("EVENT_TYPE",),
    ("VIDEO_ON_DEMAND", "Items"): ("GENRES", "CREATION_TIMESTAMP"),
}
KINDS: Mapping[str, str] = {"INTERACTIONS": "Interactions", "ITEMS": "Items", "USERS": "Users"}


def check_schema(text: str, *, domain: str = "") -> Mapping[str, Any]:
    """Return a schema that a dataset may have.

    Args:
        text: Avro's JSON.
        domain: ECOMMERCE, VIDEO_ON_DEMAND, or empty for a custom dataset group.

    Raises:
        ApiFault: InvalidInputException; the message names the field and the fix.
    """
    schema = _parse(text)
    kind = str(schema.get("name"))
    if kind not in REQUIRED:
        raise invalid(f"schema.name is {kind!r}; give one of {', '.join(REQUIRED)}.")
    if schema.get("namespace") != NAMESPACE:
        raise invalid(f"schema.namespace is {schema.get('namespace')!r}; give {NAMESPACE!r}.")
    if str(schema.get("version", "1.0")) != "1.0":
        raise invalid(f"schema.version is {schema['version']!r}; give '1.0'.")
    fields = _fields(schema)
    _check_names(fields, kind, domain)
    for field in fields:
        _check_field(field, {**REQUIRED[kind], **RESERVED[kind]}.get(field["name"]))
    return schema


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type of dataset that a checked schema is for, INTERACTIONS for example."""
    return str(schema["name"]).upper()


def types_of(field: Mapping[str, Any]) -> frozenset[str]:
    """Return the primitive types that a field may have."""
    kind = field["type"]
    return frozenset([kind] if isinstance(kind, str) else kind)


def _parse(text: str) -> dict[str, Any]:
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"schema: it is no JSON ({error}).") from error
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise invalid("schema.type: give an Avro record.")
    try:
        parse_schema(json.loads(text))
    except (SchemaParseException, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise invalid(f"schema: it is no Avro schema ({error}).") from error
    return schema


def _fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        raise invalid("schema.fields: give a list of fields.")
    names = [field["name"] for field in fields]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise invalid(f"schema.fields: {min(repeated)} is given twice; give it once.")
    return fields


def _check_names(fields: Iterable[Mapping[str, Any]], kind: str, domain: str) -> None:
    names = {field["name"] for field in fields}
    wanted = [*REQUIRED[kind], *DOMAIN_FIELDS.get((domain, kind), ())]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise invalid(f"schema.fields: {kind} must have {', '.join(missing)}.")
    if kind != "Interactions" and names == set(REQUIRED[kind]):
        raise invalid(f"schema.fields: {kind} must have at least one field of metadata beside {min(names)}.")


def _check_field(field: Mapping[str, Any], allowed: frozenset[str] | None) -> None:
    name, kind = field["name"], field["type"]
    kinds = [kind] if isinstance(kind, str) else kind
    if not isinstance(kinds, list) or not all(isinstance(one, str) and one in PRIMITIVES for one in kinds):
        raise invalid(
            f"schema.fields.{name}: nested types are not supported; give one of {', '.join(sorted(PRIMITIVES))}."
        )
    if allowed is not None and not set(kinds) <= allowed:
        raise invalid(f"schema.fields.{name}.type is {kind}; give {' or '.join(sorted(allowed))}.")
    for mark in ("categorical", "textual"):
        if field.get(mark) and "string" not in kinds:
            raise invalid(f"schema.fields.{name}: only a string can be {mark}.")
