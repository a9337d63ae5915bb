from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommendations.server.limits import MAX_DATASET_GROUPS
from tests.factories.wire import refused, unique, wait_until_active
from tests.factories.wire_groups import Group
from tests.wire_server import WireServer


def test_dataset_group_comes_from_pending_to_active(personalize: Any, wire_server: WireServer) -> None:
    name = unique("group")

    with wire_server.holding("resources"):
        made = personalize.create_dataset_group(name=name)

        arn = made["datasetGroupArn"]
        first = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    assert first["status"] == "CREATE PENDING"
    active = wait_until_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=arn)
    assert (active["name"], active["datasetGroupArn"]) == (name, arn)
    assert active["creationDateTime"] == first["creationDateTime"] < active["lastUpdatedDateTime"]
    assert abs(active["creationDateTime"] - datetime.now(UTC)) < timedelta(minutes=5)
    personalize.delete_dataset_group(datasetGroupArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_dataset_group(datasetGroupArn=arn)


def test_dataset_group_keeps_domain_and_keys(personalize: Any) -> None:
    role, key = "arn:aws:iam::123456789012:role/Key", "arn:aws:kms:us-east-1:123456789012:key/abc"

    made = personalize.create_dataset_group(name=unique("group"), domain="VIDEO_ON_DEMAND", roleArn=role, kmsKeyArn=key)

    group = Group(personalize, made["datasetGroupArn"])
    described = wait_until_active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group.arn)
    assert made["domain"] == described["domain"] == "VIDEO_ON_DEMAND"
    assert (described["roleArn"], described["kmsKeyArn"]) == (role, key)
    group.delete()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"domain": "BANKING"}, "domain"),
        ({"roleArn": "arn:aws:iam::123456789012:role/Key"}, "kmsKeyArn"),
        ({"roleArn": "no-role", "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/abc"}, "roleArn"),
        ({"tags": [{"tagKey": "aws:mine", "tagValue": "x"}]}, "aws:"),
    ],
)
def test_dataset_group_of_wrong_input_is_refused(personalize: Any, more: dict[str, Any], word: str) -> None:
    with refused("InvalidInputException", word):
        personalize.create_dataset_group(name=unique("group"), **more)


def test_dataset_group_of_a_taken_name_is_refused(personalize: Any, plain: Group) -> None:
    name = personalize.describe_dataset_group(datasetGroupArn=plain.arn)["datasetGroup"]["name"]

    with refused("ResourceAlreadyExistsException", plain.arn):
        personalize.create_dataset_group(name=name)


def test_dataset_groups_have_a_limit(personalize: Any) -> None:
    there = len(personalize.list_dataset_groups()["datasetGroups"])
    groups = [Group.make(personalize) for _ in range(MAX_DATASET_GROUPS - there)]

    with refused("LimitExceededException", str(MAX_DATASET_GROUPS), "dataset groups"):
        personalize.create_dataset_group(name=unique("group"))

    for group in groups:
        group.delete()
    assert len(personalize.list_dataset_groups()["datasetGroups"]) == there


def test_dataset_group_that_holds_anything_stays(personalize: Any, plain: Group) -> None:
    with refused("ResourceInUseException", plain.arn, "datasets"):
        personalize.delete_dataset_group(datasetGroupArn=plain.arn)

    assert personalize.describe_dataset_group(datasetGroupArn=plain.arn)["datasetGroup"]["status"] == "ACTIVE"
