import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.operations import all_operations
from recommendations.server.wire.reading import read_parameters

GROUP_ARN = "arn:aws:personalize:local:000000000000:dataset-group/shop"


def read(operation: str, given: Any) -> Any:
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return read_parameters(body, all_operations()[operation].input_shape)


def test_parameters_are_the_known_members() -> None:
    found = read("CreateSolution", {"name": "s", "datasetGroupArn": GROUP_ARN, "unknown": 1, "recipeArn": None})

    assert found == {"name": "s", "datasetGroupArn": GROUP_ARN}


def test_parameters_of_an_empty_body_are_none() -> None:
    assert read("ListRecipes", b"") == {}


def test_times_are_moments() -> None:
    event = {"eventType": "view", "sentAt": 1_700_000_000.5, "properties": {"a": 1}}

    found = read("PutEvents", {"trackingId": "t", "sessionId": "s", "eventList": [event]})

    assert found["eventList"][0]["sentAt"] == datetime.fromtimestamp(1_700_000_000.5, UTC)
    assert found["eventList"][0]["properties"] == '{"a":1}'


@pytest.mark.parametrize(
    ("operation", "given", "told"),
    [
        ("CreateSchema", {"name": "s"}, "Value null at 'schema' failed to satisfy constraint: Member must not be null"),
        ("CreateSchema", {"name": "", "schema": "{}"}, "Value '' at 'name'"),
        ("CreateSchema", {"name": "_x", "schema": "{}"}, "Member must satisfy regular expression pattern"),
        ("CreateSchema", {"name": "x" * 64, "schema": "{}"}, "Member must have length less than or equal to 63"),
        ("CreateSchema", {"name": "x\n", "schema": "{}"}, "regular expression"),
        ("CreateSchema", {"name": "x", "schema": "{}", "domain": "SHOES"}, "enum value set: [ECOMMERCE, VIDEO_ON_DEM"),
        ("CreateCampaign", {"name": "c", "solutionVersionArn": "nonsense"}, "at 'solutionVersionArn'"),
        (
            "CreateCampaign",
            {"name": "c", "solutionVersionArn": GROUP_ARN, "minProvisionedTPS": 0},
            "Member must have value greater than or equal to 1",
        ),
        (
            "PutEvents",
            {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "v", "sentAt": 1}] * 11},
            "Value a list of 11 at 'eventList' failed to satisfy constraint: Member must have length less than",
        ),
        (
            "PutEvents",
            {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "v"}]},
            "at 'eventList.1.member.sentAt'",
        ),
        (
            "PutEvents",
            {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "v", "sentAt": 1_700_000_000_000}]},
            "give seconds since 1970-01-01, not milliseconds",
        ),
        ("TagResource", {"resourceArn": GROUP_ARN, "tags": [{"tagKey": "a\u0007", "tagValue": "ä ß"}]}, "tagKey"),
    ],
)
def test_value_that_breaks_a_constraint_is_named(operation: str, given: Any, told: str) -> None:
    with pytest.raises(ApiFault) as refused:
        read(operation, given)

    assert refused.value.code == "InvalidInputException"
    assert told in refused.value.message


def test_every_broken_constraint_is_told_at_once() -> None:
    with pytest.raises(ApiFault, match=r"^3 validation errors detected: ") as refused:
        read("CreateDataset", {"name": "!", "schemaArn": "x", "datasetGroupArn": GROUP_ARN})

    assert all(name in refused.value.message for name in ("'name'", "'schemaArn'", "'datasetType'"))


@pytest.mark.parametrize(
    "given",
    [
        b"{",
        b"\xff",
        b"[]",
        b"NaN",
        b'{"name": Infinity}',
        b"[" * 100_000,
        {"name": 1},
        {"name": ["a"]},
        {"numResults": "5"},
        {"numResults": 1.5},
        {"numResults": True},
        {"numResults": 10**30},
        {"filterValues": []},
        {"promotions": {}},
    ],
)
def test_body_of_other_types_cannot_be_read(given: Any) -> None:
    operation = "CreateSchema" if isinstance(given, dict) and "name" in given else "GetRecommendations"

    with pytest.raises(ApiFault) as refused:
        read(operation, given)

    assert refused.value.code == "SerializationException"


def test_letters_of_every_script_may_stand_in_a_tag() -> None:
    found = read("TagResource", {"resourceArn": GROUP_ARN, "tags": [{"tagKey": "größe", "tagValue": "青 1"}]})

    assert found["tags"][0] == {"tagKey": "größe", "tagValue": "青 1"}
