from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.services import Placed, buy_now
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product_for_sale

pytestmark = pytest.mark.django_db


def purchase(buyer: User) -> Placed:
    variant = make_product_for_sale().variants.get()
    return buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=uuid4())


def test_orders_lists_ones_own_purchases_only(client: Client) -> None:
    me, other = make_user(), make_user()
    mine, others = purchase(me), purchase(other)
    client.force_login(me)

    page = client.get("/orders/").content.decode()

    assert f"/orders/{mine.trade_id}/" in page
    assert f"/orders/{others.trade_id}/" not in page


def test_order_of_somebody_else_does_not_exist(client: Client) -> None:
    trade = purchase(make_user())
    client.force_login(make_user())

    answer = client.get(f"/orders/{trade.trade_id}/")

    assert answer.status_code == 404


@pytest.mark.parametrize("address", ["/orders/", "/orders/1/"])
def test_orders_want_a_sign_in(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer["Location"] == f"/accounts/sign-in/?next={address}"


def test_orders_cost_four_queries_however_many(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me = make_user()
    for _ in range(3):
        purchase(me)
    client.force_login(me)
    client.get("/orders/")

    with django_assert_num_queries(4):
        answer = client.get("/orders/")

    assert answer.status_code == 200
