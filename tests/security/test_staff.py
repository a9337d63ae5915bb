"""The admin is for staff, and each page of it for staff with the permission."""

from typing import Any

import pytest

from tests.factories.accounts import make_user
from tests.security.cast import client_of
from tests.security.routes import by_part, every_route

pytestmark = pytest.mark.django_db

PARTS = by_part([route for route in every_route() if route.is_admin])
# What every member of staff may use, and what lets one in.
FOR_ALL_STAFF = {"admin:index", "admin:logout", "admin:password_change", "admin:password_change_done", "admin:jsi18n"}
DOORS = {"admin:login", "admin:logout"}
METHODS = ("get", "post")


def is_shut(answer: Any) -> bool:
    return answer.status_code in {403, 404, 405} or (
        answer.status_code == 302 and "/login/" in answer.headers["Location"]
    )


@pytest.mark.parametrize("part", PARTS)
def test_admin_is_shut_for_strangers_and_shoppers(part: str) -> None:
    clients = {"stranger": client_of(None), "shopper": client_of(make_user())}

    answers = {
        (who, method, route.pattern): getattr(client, method)(route.address())
        for route in PARTS[part]
        for who, client in clients.items()
        for method in METHODS
        if route.name not in DOORS
    }

    assert [asked for asked, answer in answers.items() if not is_shut(answer)] == []


@pytest.mark.parametrize("part", PARTS)
def test_admin_opens_page_by_page(part: str) -> None:
    client = client_of(make_user(is_staff=True))

    answers = {
        (method, route.pattern): getattr(client, method)(route.address()).status_code
        for route in PARTS[part]
        for method in METHODS
        if route.name not in DOORS | FOR_ALL_STAFF
    }

    # A redirect to the index or to the same address with a slash shows and does nothing.
    assert {asked: status for asked, status in answers.items() if status not in {301, 302, 403, 404, 405}} == {}
