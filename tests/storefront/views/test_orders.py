import re
from typing import cast
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Order
from catalog.payments.paying import pay
from catalog.services import buy_now
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product_for_sale
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def purchase(buyer: User, seller: User | None = None) -> Order:
    variant = make_product_for_sale().variants.get() if seller is None else make_ask(seller=seller).variant
    placed = buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=uuid4())
    return Order.objects.get(trade_id=cast("int", placed.trade_id))


def paid(buyer: User, seller: User) -> Order:
    order = purchase(buyer, seller)
    pay(order.pk)
    return order


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def life_in(page: str) -> list[tuple[str, str]]:
    """Each station of an order's page, and what it is: done, now or to come."""
    found = re.findall(r'<li class="life-step([^"]*)"[^>]*><b>(\w+)</b>', page)
    return [(title, "now" if "is-now" in marks else "done" if "is-done" in marks else "") for marks, title in found]


@pytest.mark.parametrize(("address", "role"), [("/orders/", "buyer"), ("/sales/", "seller")])
def test_orders_and_sales_list_ones_own_only(address: str, role: str) -> None:
    me, other = make_user(), make_user()
    mine, others = (
        (purchase(me, other), purchase(other, me)) if role == "buyer" else (purchase(other, me), purchase(me, other))
    )

    page = signed_in(me).get(address).content.decode()

    assert f"{address}{mine.pk}/" in page
    assert f"{address}{others.pk}/" not in page


def test_orders_show_what_was_paid_and_sales_what_is_paid_out() -> None:
    buyer, seller = make_user(), make_user()
    purchase(buyer, seller)

    pages = [
        signed_in(who).get(address).content.decode() for who, address in ((buyer, "/orders/"), (seller, "/sales/"))
    ]

    prices = [re.findall(r'class="order-price">([^<]+)<', page) for page in pages]
    assert prices == [["$133.55"], ["$108"]]


def test_sales_tell_what_was_earned_and_what_is_to_come() -> None:
    seller = make_user()
    for status in ("completed", "completed", "shipped", "matched", "cancelled"):
        make_order(status, seller=seller)
    make_order("completed")

    page = signed_in(seller).get("/sales/").content.decode()
    nothing = signed_in(make_user()).get("/sales/").content.decode()

    told = re.findall(r"<dt>(Earned|Still to come)</dt><dd>([^<]+)</dd>", page)
    assert told == [("Earned", "$216"), ("Still to come", "$216 from 2 sales")]
    assert "Earned" not in nothing


def test_order_of_somebody_else_does_not_exist() -> None:
    order = purchase(make_user(), make_user())
    client = signed_in(make_user())

    answers = [client.get(f"/{room}/{order.pk}/") for room in ("orders", "sales")]
    answers += [
        client.post(address)
        for address in (
            f"/orders/{order.pk}/receive/",
            f"/sales/{order.pk}/ship/",
            f"/sales/{order.pk}/give-up/",
        )
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_buyer_cannot_do_what_the_seller_does() -> None:
    buyer, seller = make_user(), make_user()
    order = paid(buyer, seller)

    answer = signed_in(buyer).post(f"/sales/{order.pk}/ship/")

    assert answer.status_code == 404
    assert signed_in(seller).get(f"/orders/{order.pk}/").status_code == 404


@pytest.mark.parametrize("address", ["/orders/", "/orders/1/", "/sales/", "/sales/1/"])
def test_orders_want_a_sign_in(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer["Location"] == f"/accounts/sign-in/?next={address}"


def test_order_goes_its_way_from_paid_to_completed() -> None:
    buyer, seller = make_user(), make_user()
    order = paid(buyer, seller)
    buying, selling = signed_in(buyer), signed_in(seller)

    selling.post(f"/sales/{order.pk}/ship/", {"tracking": "KS 1234"})
    under_way = selling.get(f"/sales/{order.pk}/").content.decode()
    shipped = buying.get(f"/orders/{order.pk}/").content.decode()
    buying.post(f"/orders/{order.pk}/receive/")
    completed = selling.get(f"/sales/{order.pk}/").content.decode()

    assert "Yours once it has arrived" in under_way
    assert "Paid out to you" in completed
    assert life_in(shipped) == [("Ordered", "done"), ("Paid", "done"), ("Shipped", "now"), ("Completed", "")]
    assert "KS 1234" in shipped
    assert "It has come" in shipped
    assert life_in(completed)[-1] == ("Completed", "now")


def test_sale_that_is_given_up_gives_the_money_back_and_says_why() -> None:
    buyer, seller = make_user(), make_user()
    order = paid(buyer, seller)

    signed_in(seller).post(f"/sales/{order.pk}/give-up/", {"reason": "It has a crack."})

    page = signed_in(buyer).get(f"/orders/{order.pk}/").content.decode()
    assert life_in(page)[-1] == ("Cancelled", "now")
    assert "It has a crack." in page
    sold = signed_in(seller).get(f"/sales/{order.pk}/").content.decode()
    assert re.search(r"Paid out to you</dt><dd[^>]*>\$0</dd>", sold)
    assert list(order.payments.values_list("kind", "status")) == [
        ("authorise", "done"),
        ("capture", "done"),
        ("refund", "done"),
    ]


@pytest.mark.parametrize(
    ("deed", "fields", "words"),
    [
        ("give-up", {"reason": " "}, "Reason: say why"),
        ("give-up", {"reason": "It is\0broken."}, "Reason: say why"),
        ("ship", {"tracking": "x" * 61}, "Tracking: give the carrier"),
    ],
)
def test_wrong_word_of_the_seller_changes_nothing_and_is_told(deed: str, fields: dict[str, str], words: str) -> None:
    buyer, seller = make_user(), make_user()
    order = paid(buyer, seller)

    answer = signed_in(seller).post(f"/sales/{order.pk}/{deed}/", fields)

    order.refresh_from_db()
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert order.status == "paid"


def test_receipt_before_the_piece_is_shipped_is_refused() -> None:
    buyer, seller = make_user(), make_user()
    order = paid(buyer, seller)

    answer = signed_in(buyer).post(f"/orders/{order.pk}/receive/")

    order.refresh_from_db()
    assert answer.status_code == 409
    assert order.status == "paid"


def test_order_page_follows_what_was_shipped_by_the_house() -> None:
    buyer = make_user()
    order = purchase(buyer)
    pay(order.pk)

    page = signed_in(buyer).get(f"/orders/{order.pk}/").content.decode()

    assert "The house ships it within a day" in page


@pytest.mark.parametrize("n_orders", [1, 3])
def test_orders_cost_four_queries_however_many(
    n_orders: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me = make_user()
    for _ in range(n_orders):
        purchase(me)
    client = signed_in(me)
    client.get("/orders/")

    with django_assert_num_queries(4):
        answer = client.get("/orders/")

    assert answer.status_code == 200
