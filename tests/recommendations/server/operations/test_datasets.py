from typing import Any

from tests.factories.wire import INTERACTION_FIELDS, ITEM_FIELDS, USER_FIELDS, refused, schema_text, unique
from tests.factories.wire_groups import Group, Trained


def _schema_of(personalize: Any, group: Group, kind: str) -> str:
    listed = personalize.list_datasets(datasetGroupArn=group.arn)["datasets"]
    arn = next(each["datasetArn"] for each in listed if each["datasetType"] == kind)
    return str(personalize.describe_dataset(datasetArn=arn)["dataset"]["schemaArn"])


def test_dataset_is_made_described_and_deleted(personalize: Any, plain: Group) -> None:
    arn = plain.dataset("Users", USER_FIELDS)

    described = personalize.describe_dataset(datasetArn=arn)["dataset"]
    assert (described["datasetType"], described["datasetGroupArn"]) == ("USERS", plain.arn)
    assert described["status"] == "ACTIVE"
    assert arn in {each["datasetArn"] for each in personalize.list_datasets(datasetGroupArn=plain.arn)["datasets"]}
    personalize.delete_dataset(datasetArn=arn)
    personalize.delete_schema(schemaArn=described["schemaArn"])
    with refused("ResourceNotFoundException", arn):
        personalize.describe_dataset(datasetArn=arn)


def test_dataset_of_a_type_that_is_there_is_refused(personalize: Any, plain: Group) -> None:
    schema = _schema_of(personalize, plain, "INTERACTIONS")

    with refused("ResourceAlreadyExistsException"):
        personalize.create_dataset(
            name=unique("dataset"), schemaArn=schema, datasetGroupArn=plain.arn, datasetType="Interactions"
        )


def test_dataset_of_wrong_input_is_refused(personalize: Any, plain: Group) -> None:
    schema = _schema_of(personalize, plain, "INTERACTIONS")
    given = {"name": unique("dataset"), "schemaArn": schema, "datasetGroupArn": plain.arn, "datasetType": "Users"}
    nobody = plain.arn + "-of-nobody"

    with refused("InvalidInputException", schema, "Users"):
        personalize.create_dataset(**given)
    with refused("InvalidInputException", "datasetType", "'Visits'"):
        personalize.create_dataset(**{**given, "datasetType": "Visits"})
    with refused("ResourceNotFoundException", nobody):
        personalize.create_dataset(**{**given, "datasetGroupArn": nobody})
    with refused("ResourceNotFoundException", schema + "x"):
        personalize.create_dataset(**{**given, "schemaArn": schema + "x"})


def test_dataset_takes_no_schema_of_another_domain(personalize: Any, plain: Group) -> None:
    schema = personalize.create_schema(
        name=unique("schema"), schema=schema_text("Interactions", INTERACTION_FIELDS), domain="ECOMMERCE"
    )["schemaArn"]

    with refused("InvalidInputException", schema, "domain"):
        personalize.create_dataset(
            name=unique("dataset"), schemaArn=schema, datasetGroupArn=plain.arn, datasetType="INTERACTIONS"
        )

    personalize.delete_schema(schemaArn=schema)


def test_dataset_that_a_tracker_writes_to_stays(personalize: Any, trained: Trained) -> None:
    with refused("ResourceInUseException", "tracker"):
        personalize.delete_dataset(datasetArn=trained.interactions)

    described = personalize.describe_dataset(datasetArn=trained.interactions)["dataset"]
    assert described["trackingId"] == trained.tracking_id


def test_dataset_takes_another_schema_that_has_all_of_its_columns(personalize: Any, plain: Group) -> None:
    group = Group.make(personalize)
    items = group.dataset("Items", ITEM_FIELDS)
    before = personalize.describe_dataset(datasetArn=items)["dataset"]["schemaArn"]
    colour = {"name": "COLOUR", "type": ["null", "string"], "categorical": True}
    wider, narrower = (
        personalize.create_schema(name=unique("schema"), schema=schema_text("Items", fields))["schemaArn"]
        for fields in ([*ITEM_FIELDS, colour], ITEM_FIELDS[:2])
    )

    updated = personalize.update_dataset(datasetArn=items, schemaArn=wider)

    assert updated["datasetArn"] == items
    assert personalize.describe_dataset(datasetArn=items)["dataset"]["schemaArn"] == wider
    with refused("InvalidInputException", "PRICE"):
        personalize.update_dataset(datasetArn=items, schemaArn=narrower)
    with refused("InvalidInputException", "Items"):
        personalize.update_dataset(datasetArn=items, schemaArn=_schema_of(personalize, plain, "INTERACTIONS"))
    assert personalize.describe_dataset(datasetArn=items)["dataset"]["schemaArn"] == wider
    group.delete()
    for schema in (before, narrower):
        personalize.delete_schema(schemaArn=schema)
