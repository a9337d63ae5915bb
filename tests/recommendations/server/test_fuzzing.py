import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from recommendations.adapters.embedded.backend import RUNTIME
from recommendations.models.resources import BackendResource, StreamedEvent, StreamedRecord
from recommendations.server.application import Application
from recommendations.server.served import forget_served
from recommendations.server.table import HANDLERS
from recommendations.server.wire.operations import Operation, all_operations
from tests.factories.wire import INTERACTION_FIELDS, ITEM_FIELDS, ROLE, USER_FIELDS, schema_text
from tests.recommendations.server.fuzzing import ANYTHING, requests_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

MODELS: tuple[type[Model], ...] = (
    *(model for model in apps.get_app_config("recommendations").get_models() if issubclass(model, BackendResource)),
    StreamedEvent,
    StreamedRecord,
)
CHECKS = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


class Server:
    """The server's application, asked without a network."""

    def __init__(self) -> None:
        self._application = Application(HANDLERS, {})

    def post(self, operation: Operation, body: bytes) -> tuple[int, dict[str, Any]]:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": operation.path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        if operation.protocol == "json":
            environ["HTTP_X_AMZ_TARGET"] = f"AmazonPersonalize.{operation.name}"
        statuses: list[str] = []
        answer = b"".join(self._application(environ, lambda status, _headers: statuses.append(status)))
        return int(statuses[0].split()[0]), json.loads(answer or b"{}")

    def ask(self, name: str, /, **given: Any) -> dict[str, Any]:
        status, answer = self.post(all_operations()[name], json.dumps(given).encode())
        assert status == 200, answer
        for model in MODELS:
            if issubclass(model, BackendResource):
                model._default_manager.update(status="ACTIVE")
        return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    # A connection that closes itself would end the transaction that every example is rolled back to.
    monkeypatch.setattr("recommendations.server.application.close_old_connections", lambda: None)
    monkeypatch.setattr("recommendations.adapters.embedded.campaigns.close_thread_connection", lambda: None)
    monkeypatch.setattr("recommendations.adapters.embedded.filters.close_thread_connection", lambda: None)
    return Server()


def _known(server: Server, folder: Path) -> list[str]:
    """Make one of everything, and return what it can be asked for by."""
    kinds = {"Interactions": INTERACTION_FIELDS, "Items": ITEM_FIELDS, "Users": USER_FIELDS}
    texts = {kind: schema_text(kind, fields) for kind, fields in kinds.items()}
    group = server.ask("CreateDatasetGroup", name="known")["datasetGroupArn"]
    arns = [group]
    for kind, text in texts.items():
        schema = server.ask("CreateSchema", name=f"known-{kind}", schema=text)["schemaArn"]
        made = {"name": f"known-{kind}", "schemaArn": schema, "datasetGroupArn": group, "datasetType": kind}
        arns += [schema, server.ask("CreateDataset", **made)["datasetArn"]]
    recipe = "arn:aws:personalize:::recipe/aws-popularity-count"
    solution = server.ask("CreateSolution", name="known", datasetGroupArn=group, recipeArn=recipe)["solutionArn"]
    tracker = server.ask("CreateEventTracker", name="known", datasetGroupArn=group)
    expression = "INCLUDE ItemID WHERE Items.GENRE IN ($G)"
    made = server.ask("CreateFilter", name="known", datasetGroupArn=group, filterExpression=expression)
    texts |= {
        "expression": expression,
        "location": f"file://{folder}/x.csv",
        "role": ROLE,
        "properties": '{"price": 1}',
    }
    return [
        *arns,
        recipe,
        solution,
        tracker["eventTrackerArn"],
        tracker["trackingId"],
        made["filterArn"],
        *texts.values(),
    ]


def _counts() -> Mapping[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def _refuses_or_answers(server: Server, operation: Operation, body: bytes) -> None:
    """What is refused left nothing behind, and nothing is the server's own fault."""
    with transaction.atomic():
        before = _counts()
        status, answer = server.post(operation, body)
        assert status < 500, (operation.name, body, answer)
        if status != 200:
            assert answer["__type"], body
            assert answer["message"], body
            assert _counts() == before, (operation.name, body)
        transaction.set_rollback(True)
    forget_served()
    RUNTIME.forget()


def _fuzz(server: Server, known: list[str], n_examples: int) -> None:
    @hypothesis_settings(
        max_examples=n_examples, deadline=None, derandomize=True, suppress_health_check=CHECKS, database=None
    )
    @given(st.data())
    def of_shapes(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(sorted(all_operations().values(), key=lambda each: each.name)))
        body = json.dumps(data.draw(requests_of(operation.input_shape, known))).encode()
        _refuses_or_answers(server, operation, body)

    @hypothesis_settings(
        max_examples=n_examples // 5, deadline=None, derandomize=True, suppress_health_check=CHECKS, database=None
    )
    @given(
        st.sampled_from(sorted(all_operations())),
        st.binary(max_size=200) | ANYTHING.map(lambda x: json.dumps(x).encode()),
    )
    def of_bytes(name: str, body: bytes) -> None:
        _refuses_or_answers(server, all_operations()[name], body)

    of_shapes()
    of_bytes()


def test_requests_of_any_kind_are_answered_or_refused_and_leave_nothing_half_written(
    server: Server, tmp_path: Path, settings: Any
) -> None:
    settings.PERSONALIZE_DATA_LOCATIONS = (f"file://{tmp_path}",)
    known = _known(server, tmp_path)

    _fuzz(server, known, 250)

    assert _counts()["DatasetGroup"] == 1


@pytest.mark.parametrize("nasty", ["a\x00b", "\ud800"])
def test_text_that_no_database_takes_is_refused_wherever_it_stands(server: Server, tmp_path: Path, nasty: str) -> None:
    known = _known(server, tmp_path)
    tracking_id = next(each for each in known if not each.startswith("arn:"))
    items = next(each for each in known if each.endswith("/ITEMS"))
    event = {"eventType": "view", "itemId": "i", "sentAt": 1_700_000_000}
    put_events = {"trackingId": tracking_id, "sessionId": "s", "eventList": [event]}
    properties = json.dumps({"genre": nasty, "price": 1})

    for name, given_ in (
        ("PutEvents", {**put_events, "userId": nasty}),
        ("PutEvents", {**put_events, "eventList": [{**event, "itemId": nasty}]}),
        ("PutItems", {"datasetArn": items, "items": [{"itemId": nasty, "properties": "{}"}]}),
        ("PutItems", {"datasetArn": items, "items": [{"itemId": "i", "properties": properties}]}),
        ("PutItems", {"datasetArn": items, "items": [{"itemId": "i", "properties": "[" * 5000}]}),
        ("CreateFilter", {"name": "n", "datasetGroupArn": known[0], "filterExpression": nasty}),
        ("TagResource", {"resourceArn": known[0], "tags": [{"tagKey": "k", "tagValue": nasty}]}),
        ("DescribeSchema", {"schemaArn": known[0] + nasty}),
    ):
        before = _counts()
        status, answer = server.post(all_operations()[name], json.dumps(given_).encode())
        assert (status, answer["__type"]) == (400, "InvalidInputException"), (name, answer)
        assert _counts() == before


@pytest.mark.soak
def test_many_requests_of_any_kind_are_answered_or_refused(server: Server, tmp_path: Path, settings: Any) -> None:
    settings.PERSONALIZE_DATA_LOCATIONS = (f"file://{tmp_path}",)
    known = _known(server, tmp_path)

    _fuzz(server, known, 20_000)

    assert _counts()["DatasetGroup"] == 1
