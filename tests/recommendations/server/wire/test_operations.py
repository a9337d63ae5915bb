import pytest

from recommendations.server.wire.faults import ApiFault
from recommendations.server.wire.operations import all_operations, find_operation


def test_operations_of_the_three_services_are_known() -> None:
    by_service: dict[str, int] = {}
    for operation in all_operations().values():
        by_service[operation.service] = by_service.get(operation.service, 0) + 1

    assert by_service == {"personalize": 71, "personalize-runtime": 3, "personalize-events": 5}


@pytest.mark.parametrize(
    ("path", "target", "name"),
    [
        ("/", "AmazonPersonalize.CreateSchema", "CreateSchema"),
        ("/recommendations", "", "GetRecommendations"),
        ("/personalize-ranking", "", "GetPersonalizedRanking"),
        ("/events", "", "PutEvents"),
    ],
)
def test_request_names_its_operation(path: str, target: str, name: str) -> None:
    assert find_operation("POST", path, target).name == name


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("GET", "/recommendations", ""),
        ("POST", "/", ""),
        ("POST", "/nowhere", ""),
        ("POST", "/", "AmazonPersonalize.Nothing"),
        ("POST", "/", "DynamoDB.CreateSchema"),
        ("POST", "/", "AmazonPersonalize.PutEvents"),
        ("POST", "/events", "AmazonPersonalize.CreateSchema"),
        ("POST", "/", "CreateSchema"),
    ],
)
def test_request_for_nothing_there_is_refused(method: str, path: str, target: str) -> None:
    with pytest.raises(ApiFault) as refused:
        find_operation(method, path, target)

    assert refused.value.code == "UnknownOperationException"
