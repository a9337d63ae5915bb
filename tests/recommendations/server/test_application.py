"""The server's door as boto3 comes to it: who signs, with what clock, for which operation, and how much."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from botocore import UNSIGNED, auth
from botocore.config import Config
from django.db import OperationalError

from recommendations.exceptions import BackendThrottled
from recommendations.server.application import MAX_BODY_BYTES, Application
from recommendations.server.table import HANDLERS
from recommendations.server.wire.operations import all_operations
from tests.factories.wire import ROLE, refused
from tests.wire_server import ACCESS_KEY, SECRET_KEY, WireServer

WHOLE = ("Schema", "DatasetGroup", "Dataset", "EventTracker", "Filter", "Solution", "Campaign", "Recommender")
MUST = {
    *(f"{act}{kind}" for act in ("Create", "Describe", "Delete") for kind in WHOLE),
    *(f"List{kind}s" for kind in (*WHOLE, "DatasetImportJob", "SolutionVersion", "Recipe")),
    *("CreateDatasetImportJob", "DescribeDatasetImportJob", "CreateSolutionVersion", "DescribeSolutionVersion"),
    *("GetSolutionMetrics", "UpdateCampaign", "UpdateRecommender", "DescribeRecipe"),
    *("TagResource", "UntagResource", "ListTagsForResource"),
    *("GetRecommendations", "GetPersonalizedRanking", "PutEvents", "PutItems", "PutUsers"),
}


def test_every_operation_that_must_be_answered_is_and_the_others_are_refused_by_name(personalize: Any) -> None:
    batch = {
        "jobName": "batch",
        "solutionVersionArn": "arn:aws:personalize:us-east-1:1:solution/s/v",
        "jobInput": {"s3DataSource": {"path": "s3://bucket/in"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://bucket/out"}},
        "roleArn": ROLE,
    }

    with refused("InvalidInputException", "CreateBatchInferenceJob is not offered"):
        personalize.create_batch_inference_job(**batch)

    assert (len(MUST), len(all_operations())) == (51, 79)
    assert MUST <= set(HANDLERS) <= set(all_operations())


@pytest.mark.parametrize("service", ["personalize", "personalize-runtime", "personalize-events"])
@pytest.mark.parametrize(
    ("access_key", "secret_key", "code"),
    [
        ("AKIDSOMEBODY", SECRET_KEY, "UnrecognizedClientException"),
        (ACCESS_KEY, "another secret", "InvalidSignatureException"),
    ],
)
def test_stranger_is_refused_by_all_three_services(
    wire_server: WireServer, service: str, access_key: str, secret_key: str, code: str
) -> None:
    client = wire_server.client(service, access_key=access_key, secret_key=secret_key)
    event = {"eventType": "view", "sentAt": 1}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "personalize": ("list_schemas", {}),
        "personalize-runtime": ("get_recommendations", {"userId": "u"}),
        "personalize-events": ("put_events", {"trackingId": "t", "sessionId": "s", "eventList": [event]}),
    }
    operation, given = calls[service]

    with refused(code):
        getattr(client, operation)(**given)


@pytest.mark.parametrize(("minutes", "words"), [(-6, "Signature expired"), (6, "Signature not yet current")])
def test_client_whose_clock_is_wrong_is_told_so(
    wire_server: WireServer, monkeypatch: pytest.MonkeyPatch, minutes: int, words: str
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(auth, "get_current_datetime", lambda **_: moment.replace(tzinfo=None))

    with refused("InvalidSignatureException", words):
        wire_server.client("personalize").list_schemas()


def test_client_that_does_not_sign_is_refused_and_may_look_whether_the_server_is_up(wire_server: WireServer) -> None:
    make: Any = boto3.client
    unsigned = make(
        "personalize",
        endpoint_url=wire_server.url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(signature_version=UNSIGNED),
    )

    with refused("MissingAuthenticationTokenException"):
        unsigned.list_schemas()

    with urlopen(f"{wire_server.url}/ping", timeout=60) as answer:
        assert (answer.status, answer.read()) == (200, b"ok")


class Door:
    """An application whose one operation does as told."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._application = Application({"ListSchemas": handler}, {})

    def ask(self, length: str = "2") -> tuple[str, dict[str, str]]:
        told: list[tuple[str, dict[str, str]]] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "HTTP_X_AMZ_TARGET": "AmazonPersonalize.ListSchemas",
            "CONTENT_LENGTH": length,
            "wsgi.input": BytesIO(b"{}"),
        }
        b"".join(self._application(environ, lambda status, headers: told.append((status, dict(headers)))))
        return told[0]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BackendThrottled("slower"), "400", "ThrottlingException"),
        (OperationalError("gone"), "503", "ServiceUnavailableException"),
        (ValueError("a fault"), "500", "InternalServerException"),
    ],
)
@pytest.mark.django_db
def test_failure_is_told_as_amazon_tells_it(error: Exception, status: str, code: str) -> None:
    def fail(_: object) -> Any:
        raise error

    answered, headers = Door(fail).ask()

    assert answered.startswith(status)
    assert headers["x-amzn-errortype"] == code
    assert headers["x-amzn-RequestId"]


@pytest.mark.django_db
def test_answer_that_does_not_fit_its_operation_is_the_servers_own_fault() -> None:
    answered, headers = Door(lambda _: {"schemas": [], "surprise": 1}).ask()

    assert (answered, headers["x-amzn-errortype"]) == ("500 Error", "InternalServerException")


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (str(MAX_BODY_BYTES + 1), "RequestEntityTooLargeException"),
        ("-1", "RequestEntityTooLargeException"),
        ("many", "SerializationException"),
    ],
)
def test_body_of_no_length_that_can_be_read_is_refused_unread(length: str, code: str) -> None:
    _, headers = Door(lambda _: {"schemas": []}).ask(length)

    assert headers["x-amzn-errortype"] == code
