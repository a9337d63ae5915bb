import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.operations import all_operations
from recommendations.server.wire.writing import WrongAnswer, write_answer, write_fault

ARN = "arn:aws:personalize:local:000000000000:schema/s"


def write(operation: str, answer: dict[str, Any]) -> Any:
    return json.loads(write_answer(answer, all_operations()[operation].output_shape) or b"null")


def test_answer_leaves_out_what_is_none_and_counts_seconds() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    schema = {"name": "s", "schemaArn": ARN, "domain": None, "creationDateTime": moment}

    assert write("DescribeSchema", {"schema": schema}) == {
        "schema": {"name": "s", "schemaArn": ARN, "creationDateTime": moment.timestamp()}
    }


@pytest.mark.parametrize(
    ("operation", "answer", "told"),
    [
        ("DescribeSchema", {"Schema": {}}, "does not know"),
        ("DescribeSchema", {"schema": {"colour": "red"}}, "'colour'"),
        ("DescribeSchema", {"schema": {"name": 1}}, "answer.schema.name is int, must be string"),
        ("DescribeSchema", {"schema": {"creationDateTime": 12}}, "must be timestamp"),
        ("DescribeSchema", {"schema": "x"}, "must be a mapping"),
        ("ListSchemas", {"schemas": {}}, "must be a list"),
        ("GetRecommendations", {"itemList": [{"itemId": "i", "score": float("nan")}]}, "nan"),
        ("GetRecommendations", {"itemList": [{"itemId": "i", "score": True}]}, "bool"),
        ("GetRecommendations", {"itemList": [{"itemId": "i" * 300}]}, "longer than 256"),
        ("GetSolutionMetrics", {"metrics": []}, "must be a mapping"),
        ("PutEvents", {"itemList": []}, "has no answer"),
    ],
)
def test_answer_of_another_shape_is_the_servers_own_fault(operation: str, answer: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongAnswer, match=told):
        write(operation, answer)


def test_operation_without_an_answer_has_no_body() -> None:
    assert write_answer({}, all_operations()["PutEvents"].output_shape) == b""


def test_fault_carries_its_code_and_message() -> None:
    assert json.loads(write_fault(ApiFault("X", "y"))) == {"__type": "X", "message": "y"}


@pytest.mark.parametrize(
    ("code", "protocol", "status"),
    [
        ("ResourceNotFoundException", "json", 400),
        ("ResourceNotFoundException", "rest-json", 404),
        ("ResourceInUseException", "rest-json", 409),
        ("InvalidInputException", "rest-json", 400),
        ("ThrottlingException", "rest-json", 429),
        ("ThrottlingException", "json", 400),
        ("InternalServerException", "json", 500),
    ],
)
def test_status_follows_code_and_protocol(code: str, protocol: str, status: int) -> None:
    assert ApiFault(code, "").status(protocol) == status
