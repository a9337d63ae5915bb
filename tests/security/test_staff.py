"""The admin is for staff, and each page of it for staff with the permission."""

import pytest

from tests.factories.accounts import make_user
from tests.security.cast import client_of
from tests.security.routes import Route, every_route

pytestmark = pytest.mark.django_db

ADMIN = [route for route in every_route() if route.is_admin]
# What every member of staff may use, and what lets one in.
FOR_ALL_STAFF = {"admin:index", "admin:logout", "admin:password_change", "admin:password_change_done", "admin:jsi18n"}
DOORS = {"admin:login", "admin:logout"}
METHODS = ("get", "post")


def is_shut(status: int, location: str) -> bool:
    return status in {403, 404, 405} or (status == 302 and "/login/" in location)


@pytest.mark.parametrize("route", ADMIN, ids=lambda route: route.pattern)
def test_admin_is_shut_for_strangers_and_shoppers(route: Route) -> None:
    clients = [client_of(None), client_of(make_user())]

    answers = [getattr(client, method)(route.address()) for client in clients for method in METHODS]

    if route.name not in DOORS:
        assert all(is_shut(answer.status_code, answer.headers.get("Location", "")) for answer in answers)


@pytest.mark.parametrize("route", ADMIN, ids=lambda route: route.pattern)
def test_admin_opens_page_by_page(route: Route) -> None:
    client = client_of(make_user(is_staff=True))

    answers = [getattr(client, method)(route.address()) for method in METHODS]

    if route.name not in DOORS | FOR_ALL_STAFF:
        # A redirect to the index or to the same address with a slash shows and does nothing.
        assert all(answer.status_code in {302, 301, 403, 404, 405} for answer in answers)
