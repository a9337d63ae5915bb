import json
from typing import Any

import pytest

from tests.factories.wire import INTERACTION_FIELDS, ITEM_FIELDS, STRING, refused, schema_text, unique
from tests.factories.wire_groups import Group

TEXT = schema_text("Interactions", INTERACTION_FIELDS)


def test_schema_is_described_as_it_was_given_and_deleted(personalize: Any) -> None:
    name = unique("schema")

    arn = personalize.create_schema(name=name, schema=TEXT)["schemaArn"]

    described = personalize.describe_schema(schemaArn=arn)["schema"]
    assert arn.endswith(f":schema/{name}")
    assert (described["name"], described["schema"]) == (name, TEXT)
    assert described["creationDateTime"] == described["lastUpdatedDateTime"]
    assert name in {each["name"] for each in personalize.list_schemas()["schemas"]}
    personalize.delete_schema(schemaArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_schema(schemaArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.delete_schema(schemaArn=arn)


@pytest.mark.parametrize("name", ["-begins", "has space", "a" * 64, "dots.in"])
def test_schema_of_a_name_that_the_pattern_refuses_is_not_made(personalize: Any, name: str) -> None:
    before = personalize.list_schemas()["schemas"]

    with refused("InvalidInputException", "name", "failed to satisfy constraint"):
        personalize.create_schema(name=name, schema=TEXT)

    assert personalize.list_schemas()["schemas"] == before


def test_schema_of_a_taken_name_is_refused(personalize: Any) -> None:
    name = unique("schema")
    arn = personalize.create_schema(name=name, schema=TEXT)["schemaArn"]

    with refused("ResourceAlreadyExistsException", arn):
        personalize.create_schema(name=name, schema=schema_text("Items", ITEM_FIELDS))

    assert personalize.describe_schema(schemaArn=arn)["schema"]["schema"] == TEXT
    personalize.delete_schema(schemaArn=arn)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no JSON", ("schema", "JSON")),
        ("[1]", ("schema", "record")),
        (json.dumps({**json.loads(TEXT), "name": "Visits"}), ("Visits", "Interactions")),
        (
            json.dumps({**json.loads(TEXT), "namespace": "com.example"}),
            ("namespace", "com.amazonaws.personalize.schema"),
        ),
        (json.dumps({**json.loads(TEXT), "version": "2.0"}), ("version", "1.0")),
        (json.dumps({**json.loads(TEXT), "fields": []}), ("fields",)),
        (schema_text("Interactions", INTERACTION_FIELDS[:2]), ("TIMESTAMP",)),
        (schema_text("Interactions", [*INTERACTION_FIELDS, INTERACTION_FIELDS[0]]), ("USER_ID",)),
        (
            schema_text("Interactions", [*INTERACTION_FIELDS[:2], {"name": "TIMESTAMP", **STRING}]),
            ("TIMESTAMP", "long"),
        ),
        (schema_text("Items", ITEM_FIELDS[:1]), ("metadata",)),
        (
            schema_text("Items", [ITEM_FIELDS[0], {"name": "TAGS", "type": {"type": "array", "items": "string"}}]),
            ("TAGS", "nested"),
        ),
        (
            schema_text("Items", [ITEM_FIELDS[0], {"name": "PRICE", "type": "float", "categorical": True}]),
            ("PRICE", "categorical"),
        ),
    ],
)
def test_schema_that_no_dataset_may_have_is_refused(personalize: Any, text: str, words: tuple[str, ...]) -> None:
    with refused("InvalidInputException", *words):
        personalize.create_schema(name=unique("schema"), schema=text)


def test_schema_of_a_domain_needs_its_fields(personalize: Any) -> None:
    fields = INTERACTION_FIELDS[:3]

    with refused("InvalidInputException", "EVENT_TYPE"):
        personalize.create_schema(name=unique("schema"), schema=schema_text("Interactions", fields), domain="ECOMMERCE")

    arn = personalize.create_schema(name=unique("schema"), schema=TEXT, domain="ECOMMERCE")["schemaArn"]
    assert personalize.describe_schema(schemaArn=arn)["schema"]["domain"] == "ECOMMERCE"
    personalize.delete_schema(schemaArn=arn)


def test_schema_that_a_dataset_uses_stays(personalize: Any, plain: Group) -> None:
    dataset = personalize.list_datasets(datasetGroupArn=plain.arn)["datasets"][0]["datasetArn"]
    schema = personalize.describe_dataset(datasetArn=dataset)["dataset"]["schemaArn"]

    with refused("ResourceInUseException", schema, "dataset"):
        personalize.delete_schema(schemaArn=schema)

    assert personalize.describe_schema(schemaArn=schema)["schema"]["schemaArn"] == schema
