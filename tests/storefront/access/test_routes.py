"""Every name in the table of limits is a route's, and every change is counted."""

import pytest
from django.conf import settings

from storefront.access import routes
from storefront.access.routes import limit_of_route
from tests.security.routes import every_route
from tests.security.table import RULES

NAMES = {route.name for route in every_route()}
GROUPS = (routes.SIGN_IN, routes.SIGN_UP, routes.ORDERS, routes.SEARCH, routes.SUGGESTIONS, routes.UNCOUNTED)
WRITING = sorted(name for name, rule in RULES.items() if set(rule.methods) - {"get"} and not name.startswith("api-"))


def test_every_named_route_exists_and_is_named_once() -> None:
    named = [name for group in GROUPS for name in group]

    assert set(named) <= NAMES
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", WRITING)
def test_every_change_is_counted(name: str) -> None:
    limit = limit_of_route(name, is_write=True)

    assert (limit is None) == (name in routes.UNCOUNTED)
    assert limit is None or limit in settings.RATE_LIMITS


def test_doors_to_money_and_accounts_have_their_own_limits() -> None:
    limits = {name: limit_of_route(name, is_write=True) for name in WRITING}

    assert {name for name, limit in limits.items() if limit == "orders"} == set(routes.ORDERS)
    assert {"buy", "sell", "bid", "ask", "my-bid", "my-ask", "cancel-bid", "cancel-ask"} == set(routes.ORDERS)
    assert limits["sign-in"] == limits["password-reset"] == limits["password-change"] == "sign_in"
    assert limits["profile"] == limits["tokens"] == "sign_in"
    assert limit_of_route("search", is_write=False) == "search"
    assert limit_of_route("home", is_write=False) is None
