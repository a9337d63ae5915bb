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
from tests.security.routes import Route, by_part, every_route
from tests.security.table import RULES, Kind

pytestmark = pytest.mark.django_db

PARTS = by_part(list(every_route()))
SHOP = [route for route in every_route() if not route.is_admin]
METHODS = ("post", "put", "patch", "delete")
# Takes no cookie's word for anything: its own check of the origin, and lists signed for their shopper.
BEACON = "events"
# Whoever holds the link may; mail programs post to it by themselves.
BY_LINK = "stop-mail"
# A password opens it, and no cookie.
BY_PASSWORD = "api-tokens"
# Addresses that hold a made-up secret, or lead nowhere.
NOWHERE = {"enter", "password-reset-confirm", "schema", "api-nowhere", "api-recommendations"}
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b", re.IGNORECASE)


def allowed(name: str, pattern: str) -> set[int]:
    """The answers that change nothing."""
    if name == BEACON:
        return {204, 405}
    if name == BY_LINK:
        return {405, 410}
    if name == BY_PASSWORD:
        return {400, 403, 405, 415}
    # Gone or redirected before anything could change.
    is_nowhere = name in NOWHERE or pattern.startswith("admin/")
    return {403, 405} | ({301, 302, 404, 410} if is_nowhere else set())


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits(dict.fromkeys(settings.RATE_LIMITS, 100_000))


@pytest.fixture
def ann() -> Ann:
    return make_ann()


@pytest.mark.parametrize("part", PARTS)
def test_change_without_the_token_is_forbidden(part: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(is_staff=True, is_superuser=True))

    statuses = {
        (method, route.name, route.pattern): getattr(client, method)(route.address()).status_code
        for route in PARTS[part]
        for method in METHODS
    }

    assert {asked: status for asked, status in statuses.items() if status not in allowed(asked[1], asked[2])} == {}


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
