"""The matrix of who may see what: every route, asked as its owner, as somebody else and as nobody."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from storefront.access.limits import read_limits
from tests.factories.accounts import make_user
from tests.security.cast import NAME, Ann, ask_route, client_of, make_ann
from tests.security.routes import Route, every_route
from tests.security.table import RULES, Kind

pytestmark = pytest.mark.django_db

SHOP = [route for route in every_route() if not route.is_admin]
OBJECTS = [
    pytest.param(route, method, id=f"{route.name}-{method}")
    for route in SHOP
    if route.name in RULES and RULES[route.name].kind is Kind.OBJECT
    for method in RULES[route.name].methods
]
OWN = [route for route in SHOP if route.name in RULES and RULES[route.name].kind is Kind.OWN]


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits(dict.fromkeys(settings.RATE_LIMITS, 100_000))


@pytest.fixture
def ann() -> Ann:
    return make_ann()


def is_turned_away(answer: Any) -> bool:
    """Whether the answer asks for a sign-in, as a page or as the API says it."""
    return answer.status_code == 401 or (answer.status_code == 302 and "/sign-in/" in answer["Location"])


def test_every_route_of_the_shop_is_listed_and_nothing_else() -> None:
    named = [route.name for route in SHOP]

    assert set(named) == set(RULES)
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("route", "method"), OBJECTS)
def test_things_are_there_for_their_owner_alone(route: Route, method: str, ann: Ann) -> None:
    address, before = ann.address(route, RULES[route.name].thing), ann.state()

    of_bob = ask_route(client_of(make_user()), method, address)
    of_nobody = ask_route(client_of(None), method, address)
    untouched = ann.state()
    of_ann = ask_route(client_of(ann.account), method, address)

    assert of_bob.status_code == 404
    assert is_turned_away(of_nobody)
    assert untouched == before
    assert of_ann.status_code in {200, 204, 302}, of_ann.content
    assert not is_turned_away(of_ann)


@pytest.mark.parametrize(("route", "method"), OBJECTS)
def test_missing_and_foreign_things_look_alike(route: Route, method: str, ann: Ann) -> None:
    client = client_of(make_user())
    named = [name for name in route.parameters if name not in {"slug", "sku"}]

    foreign = ask_route(client, method, ann.address(route, RULES[route.name].thing))
    missing = ask_route(client, method, route.address(**dict.fromkeys(named, 2**40)))

    assert foreign.status_code == missing.status_code == 404
    if "json" in foreign["Content-Type"]:
        assert foreign.content == missing.content


@pytest.mark.parametrize("route", OWN, ids=lambda route: route.name)
def test_own_pages_hold_nothing_of_others_and_ask_strangers_to_sign_in(route: Route, ann: Ann) -> None:
    method = "get" if "get" in RULES[route.name].methods else RULES[route.name].methods[0]
    address = ann.address(route, "")

    of_bob = ask_route(client_of(make_user()), method, address)
    of_nobody = ask_route(client_of(None), method, address)

    assert is_turned_away(of_nobody)
    assert of_bob.status_code in {200, 201, 204, 302}
    text = of_bob.content.decode()
    assert NAME not in text
    assert not any(
        f'"{name}_id":{getattr(ann, f"{thing}_id")}' in text for name, thing in (("bid", "bid"), ("ask", "ask"))
    )
    assert not any(f"/{part}/{pk}/" in text for part, pk in (("orders", ann.bought_id), ("sales", ann.sold_id)))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/api/bids/", "bid_id"),
        ("/api/asks/", "ask_id"),
        ("/api/orders/", "bought_id"),
        ("/api/sales/", "sold_id"),
    ],
)
def test_lists_of_the_api_are_full_for_their_owner_and_empty_for_others(address: str, told: str, ann: Ann) -> None:
    mine = client_of(ann.account).get(address).json()["results"]
    others = client_of(make_user()).get(address).json()["results"]

    assert getattr(ann, told) in [value for row in mine for value in row.values()]
    assert others == []


@pytest.mark.parametrize("secret", ["some", "1:abc:def", "x" * 400])
@pytest.mark.parametrize("name", ["enter", "password-reset-confirm", "stop-mail"])
def test_made_up_secret_opens_nothing(name: str, secret: str) -> None:
    route = next(route for route in SHOP if route.name == name)
    client = client_of(None)

    shown = client.get(route.address(token=secret, uidb64="MQ"))
    tried = client.post(
        route.address(token=secret, uidb64="MQ"), {"new_password1": "a-new-one-1", "new_password2": "a-new-one-1"}
    )

    assert {shown.status_code, tried.status_code} <= {404, 410}
    assert "_auth_user_id" not in client.session
