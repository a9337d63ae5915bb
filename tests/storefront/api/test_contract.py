"""The API keeps its word: whatever is sent, no fault of its own, and no answer that its description does not know."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, islice
from typing import Any, cast
from uuid import uuid4

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog.models import Variant
from storefront.access import tokens
from storefront.access.limits import read_limits
from storefront.api import throttles
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_ask, make_bid
from tests.security.cast import Ann, make_ann

pytestmark = pytest.mark.django_db


@lru_cache(maxsize=1)
def handler() -> WSGIHandler:
    return WSGIHandler()


def shop(environ: dict[str, Any], start: Any) -> Any:
    """Made at the first request: middlewares look at settings that fixtures change."""
    return handler()(environ, start)


DESCRIBED = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
DESCRIBED.app = shop
OPERATIONS: dict[str, Any] = {}
for _found in DESCRIBED.get_all_operations():
    _operation: Any = cast("Any", _found).ok()
    OPERATIONS[_operation.label] = _operation
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
AnyCase = Case[Any]
# Which of ann's things an address may name.
THINGS = {"/bids/": "bid_id", "/asks/": "ask_id", "/orders/": "bought_id", "/sales/": "sold_id", "/tokens/": "token_id"}
_numbers = count()


@pytest.fixture(autouse=True)
def same_connection(settings: Settings) -> Iterator[None]:
    """The handler behaves as under the test client: the connection of the test outlives a request."""
    settings.RATE_LIMITS = read_limits(dict.fromkeys(settings.RATE_LIMITS, 100_000))
    settings.ALLOWED_HOSTS = ["localhost"]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ann() -> Ann:
    """Ann, and others who bid and ask for the same size, so that she can buy and sell."""
    ann = make_ann()
    variant = Variant.objects.get(pk=ann.variant_id)
    make_bid(variant, 6_000)
    make_ask(variant, 40_000, make_user())
    return ann


@pytest.fixture
def headers(ann: Ann) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(account=ann.account, name='bot').token}"}


def aim(case: AnyCase, ann: Ann) -> None:
    """Let a generated request name something that is there."""
    path = case.operation.path
    if "sku" in case.path_parameters:
        case.path_parameters = {"sku": ann.sku}
    elif case.path_parameters:
        thing = next(thing for part, thing in THINGS.items() if part in path)
        case.path_parameters = dict.fromkeys(case.path_parameters, getattr(ann, thing))
    known: dict[str, Any] = {"variant_id": ann.variant_id, "username": ann.account.username, "password": PASSWORD}
    if isinstance(case.body, dict):
        case.body = {**case.body, **{name: known[name] for name in known.keys() & case.body.keys()}}
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid4())


def ask(case: AnyCase, headers: dict[str, str], *, must_reject_negative: bool = True) -> int:
    """Send it and hold the answer to the description; in a savepoint, so that every request finds the same world."""
    throttles.of_devices.clear()
    throttles.of_strangers.clear()
    with connection.cursor() as cursor:
        name = f"before_{next(_numbers)}"
        cursor.execute(f"SAVEPOINT {name}")
        response = case.call(headers=headers)
        cursor.execute(f"ROLLBACK TO SAVEPOINT {name}")
    case.validate_response(response, checks=CHECKS if must_reject_negative else CHECKS[:-1])
    return int(response.status_code)


def cases(label: str) -> Iterator[AnyCase]:
    """Every boundary of every field, right and wrong, as the description has them."""
    operation = OPERATIONS[label]
    config = DESCRIBED.config.generation_for(operation=operation)
    yield from DESCRIBED.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=config)


@pytest.mark.parametrize("label", OPERATIONS)
def test_boundaries_get_described_answers(label: str, ann: Ann, headers: dict[str, str]) -> None:
    statuses: set[int] = set()

    for case in cases(label):
        if case.path_parameters or case.method != OPERATIONS[label].method.upper():
            statuses.add(ask(case, headers))
        if case.method == OPERATIONS[label].method.upper():
            aim(case, ann)
            statuses.add(ask(case, headers))

    assert statuses & {200, 201, 204}
    assert not [status for status in statuses if status >= 500]


@pytest.mark.parametrize("label", OPERATIONS)
def test_strangers_get_described_answers(label: str, ann: Ann) -> None:
    for case in islice(cases(label), 8):
        ask(case, {})


@pytest.mark.soak
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("label", OPERATIONS)
def test_random_requests_get_described_answers(
    label: str, mode: GenerationMode, ann: Ann, headers: dict[str, str]
) -> None:
    strategy: Any = DESCRIBED.get_case_strategy(OPERATIONS[label], generation_mode=mode)

    @settings(max_examples=150, derandomize=False, database=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy, is_aimed=st.booleans())
    def hold(case: AnyCase, *, is_aimed: bool) -> None:
        if is_aimed:
            aim(case, ann)
        # What was wrong in a request may be the very address or token that are put right here.
        ask(case, headers, must_reject_negative=False)

    hold()
