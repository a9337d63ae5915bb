"""No change without the CSRF token, and no change by GET."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from storefront.access.limits import read_limits
from tests.factories.accounts import make_user
from tests.security.cast import Ann, client_of, make_ann
from tests.security.routes import Route, every_route
from tests.security.table import RULES, Kind

pytestmark = pytest.mark.django_db

ROUTES = list(every_route())
SHOP = [route for route in ROUTES if not route.is_admin]
METHODS = ("post", "put", "patch", "delete")
# Takes no cookie's word for anything: its own check of the origin, and lists signed for their shopper.
BEACON = "events"
# A password opens it, and no cookie.
BY_PASSWORD = "api-tokens"
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits(dict.fromkeys(settings.RATE_LIMITS, 100_000))


@pytest.fixture
def ann() -> Ann:
    return make_ann()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_change_without_the_token_is_forbidden(route: Route) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_staff=True, is_superuser=True))

    statuses = {method: getattr(client, method)(route.address()).status_code for method in METHODS}

    expected = {403, 405}
    if route.name == BEACON:
        expected |= {204}
    elif route.name == BY_PASSWORD:
        expected |= {400, 415}
    elif (
        route.name in {"enter", "password-reset-confirm", "schema", "api-nowhere", "api-recommendations"}
        or route.is_admin
    ):
        # Gone or redirected before anything could change.
        expected |= {301, 302, 404, 410}
    assert set(statuses.values()) <= expected, statuses


def test_form_posted_from_elsewhere_is_forbidden_though_it_holds_a_token(ann: Ann) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann.account)
    client.get("/privacy/")
    token = client.cookies["csrftoken"].value

    answers = [
        client.post(f"/my/bids/{ann.bid_id}/cancel/", {"csrfmiddlewaretoken": token}, headers=headers)
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"})
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize(
    "route",
    [route for route in SHOP if route.name in RULES and "get" in RULES[route.name].methods],
    ids=lambda route: route.name,
)
def test_get_writes_nothing(route: Route, ann: Ann) -> None:
    rule = RULES[route.name]
    address = ann.address(route, rule.thing) if rule.kind is Kind.OBJECT else ann.address(route, "")
    client, before = client_of(ann.account), ann.state()
    client.get(address)
    written: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if WRITES.match(sql):
            written.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        answer = client.get(address)

    assert answer.status_code < 500
    assert written == []
    assert ann.state() == before
