import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import conf
from catalog.models import Ask, Bid, Order, Product
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_product, make_product_for_sale, make_variant
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change(price: str, days: int = 7) -> dict[str, str]:
    return {"price": price, "days": str(days), "idempotency_key": str(uuid4())}


def test_my_bids_list_ones_own_with_the_market_beside_them() -> None:
    me, product = make_user(), make_product_for_sale(price_cents=12_000, name="Harbour Low")
    variant = product.variants.get()
    make_bid(variant, 9_000, buyer=me, expires_in_days=7)
    make_bid(variant, 9_500, buyer=make_user())

    page = signed_in(me).get("/my/bids/").content.decode()

    assert re.findall(r'<span class="order-price">([^<]+)</span>', page) == ["$90"]
    assert "<span>Highest bid $95</span> <span>Lowest ask $120</span>" in page
    assert "7 days left" in page


def test_my_asks_mark_the_one_that_is_lowest() -> None:
    me, product = make_user(), make_product_for_sale(price_cents=12_000)
    make_ask(product.variants.get(), 11_000, seller=me)

    page = signed_in(me).get("/my/asks/").content.decode()

    assert '<b class="good">Lowest ask</b>' in page


def test_my_bids_say_what_became_of_each() -> None:
    me, product = make_user(), make_product()
    variant = make_variant(product)
    filled, run_out, cancelled = (make_bid(variant, cents, buyer=me) for cents in (9_000, 8_000, 7_000))
    make_ask(variant, 9_000, seller=make_user())
    Bid.objects.filter(pk=run_out.pk).update(expires_at=conf.now() - timedelta(seconds=1))
    client = signed_in(me)
    client.post(f"/my/bids/{cancelled.pk}/cancel/", {"idempotency_key": str(uuid4())})

    page = client.get("/my/bids/").content.decode()

    assert sorted(re.findall(r'class="status status-(\w+)"', page)) == ["cancelled", "expired", "filled"]
    assert f"/orders/{Order.objects.get(trade__bid=filled).pk}/" in page
    assert "Edit" not in page
    assert page.count("Bid again") == 2


def test_my_bids_mark_what_ends_within_a_day() -> None:
    me = make_user()
    make_bid(buyer=me, expires_in_days=1)
    make_bid(buyer=me, expires_in_days=3)

    page = signed_in(me).get("/my/bids/").content.decode()

    assert re.findall(r'class="ending">([^<]+)<', page) == ["24 hours left"]


def test_my_bids_cost_four_queries_however_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me, variant = make_user(), make_variant()
    for cents in (8_000, 8_500, 9_000):
        make_bid(variant, cents, buyer=me)
    client = signed_in(me)
    client.get("/my/bids/")

    with django_assert_num_queries(4):
        answer = client.get("/my/bids/")

    assert answer.status_code == 200


def test_my_bids_call_new_only_what_stands() -> None:
    me, variant = make_user(), make_variant()
    bid = make_bid(variant, 9_000, buyer=me)
    client = signed_in(me)
    said = [b"Your bid stands." in client.get("/my/bids/", {"new": new}).content for new in (bid.pk, bid.pk + 1, "x")]

    make_ask(variant, 9_000, seller=make_user())

    assert said == [True, False, False]
    assert b"Your bid stands." not in client.get("/my/bids/", {"new": bid.pk}).content


def test_cancel_takes_a_bid_out_of_the_book_once() -> None:
    me = make_user()
    bid, client = make_bid(buyer=me), signed_in(me)
    key = re.findall(r'name="idempotency_key" value="([^"]+)"', client.get("/my/bids/").content.decode())[0]

    first, second = (client.post(f"/my/bids/{bid.pk}/cancel/", {"idempotency_key": key}) for _ in range(2))

    bid.refresh_from_db()
    assert bid.status == Bid.Status.CANCELLED
    assert first["Location"] == second["Location"] == "/my/bids/?cancelled=1"


def test_cancel_of_an_ask_that_was_sold_meanwhile_changes_nothing_and_says_so() -> None:
    me = make_user()
    ask = make_ask(price_cents=12_000, seller=me)
    make_bid(ask.variant, 12_000, buyer=make_user())

    answer = signed_in(me).post(f"/my/asks/{ask.pk}/cancel/", {"idempotency_key": str(uuid4())})

    ask.refresh_from_db()
    assert answer.status_code == 409
    assert "It is no longer open" in answer.content.decode()
    assert ask.status == Ask.Status.SOLD


def test_cancel_without_a_key_names_the_field() -> None:
    me = make_user()
    bid = make_bid(buyer=me)

    answer = signed_in(me).post(f"/my/bids/{bid.pk}/cancel/")

    assert answer.status_code == 400
    assert b"idempotency_key" in answer.content


def test_edit_is_reviewed_and_gives_another_price_and_expiry() -> None:
    me = make_user()
    bid, client = make_bid(price_cents=9_050, buyer=me), signed_in(me)

    desk = client.get(f"/my/bids/{bid.pk}/").content.decode()
    query: dict[str, int | str] = {
        "deed": "bid",
        "size": bid.variant_id,
        "changes": bid.pk,
        "price": "99.99",
        "days": 3,
    }
    review = client.get(f"/p/{bid.variant.product.slug}/review/", query).content.decode()
    answer = client.post(f"/my/bids/{bid.pk}/", change("99.99", 3))

    bid.refresh_from_db()
    assert 'name="price" maxlength="24" required autocomplete="off" value="90.50"' in desk
    assert f'action="/my/bids/{bid.pk}/" method="post"' in review
    assert "Change bid to $99.99" in review
    assert answer["Location"] == f"/my/bids/?new={bid.pk}"
    assert (bid.price_cents, bid.status) == (9_999, "open")
    assert bid.expires_at - conf.now() < timedelta(days=3, seconds=1)


def test_edit_that_reaches_the_other_side_trades() -> None:
    me = make_user()
    ask = make_ask(price_cents=12_000, seller=me)
    make_bid(ask.variant, 10_000)

    answer = signed_in(me).post(f"/my/asks/{ask.pk}/", change("95"))

    order = Order.objects.get()
    assert answer["Location"] == f"/sales/{order.pk}/?new=1"
    assert (order.price_cents, order.seller_id) == (10_000, me.pk)


def test_edit_with_a_wrong_price_shows_the_form_again() -> None:
    me = make_user()
    bid = make_bid(price_cents=9_000, buyer=me)

    answer = signed_in(me).post(f"/my/bids/{bid.pk}/", change("free"))

    bid.refresh_from_db()
    assert answer.status_code == 400
    assert "Write the price as a number" in answer.content.decode()
    assert bid.price_cents == 9_000


def test_edit_of_what_is_cancelled_is_refused() -> None:
    me = make_user()
    bid, client = make_bid(price_cents=9_000, buyer=me), signed_in(me)
    client.post(f"/my/bids/{bid.pk}/cancel/", {"idempotency_key": str(uuid4())})

    answer = client.post(f"/my/bids/{bid.pk}/", change("95"))

    bid.refresh_from_db()
    assert answer.status_code == 409
    assert bid.price_cents == 9_000


def test_what_is_not_on_sale_any_more_can_only_be_cancelled() -> None:
    me, seller = make_user(), make_user()
    variant = make_variant()
    bought = make_order("paid", buyer=me, seller=seller, variant=variant)
    bid = make_bid(variant, 9_000, buyer=me)
    Product.objects.filter(pk=variant.product_id).update(is_listed=False)
    client = signed_in(me)

    pages = {address: client.get(address).content.decode() for address in ("/my/bids/", f"/orders/{bought.pk}/")}
    edits = [client.get(f"/my/bids/{bid.pk}/"), client.post(f"/my/bids/{bid.pk}/", change("95"))]

    addresses = {link for page in pages.values() for link in re.findall(r'(?:href|src)="(/(?!static/)[^"#]+)', page)}
    assert [link for link in addresses if client.get(link).status_code == 404] == []
    assert "Not on sale at present" in pages["/my/bids/"]
    assert [(edit.status_code, "can only be cancelled" in edit.content.decode()) for edit in edits] == [(409, True)] * 2
    client.post(f"/my/bids/{bid.pk}/cancel/", {"idempotency_key": str(uuid4())})
    bid.refresh_from_db()
    assert (bid.price_cents, bid.status) == (9_000, "cancelled")


@pytest.mark.parametrize("method", ["get", "post"])
def test_bids_and_asks_of_somebody_else_do_not_exist(method: str) -> None:
    bid, ask, client = make_bid(), make_ask(seller=make_user()), signed_in(make_user())
    addresses = [f"/my/bids/{bid.pk}/", f"/my/asks/{ask.pk}/"]
    if method == "post":
        addresses += [f"{address}cancel/" for address in addresses]

    answers = [getattr(client, method)(address, change("1")) for address in addresses]

    bid.refresh_from_db()
    ask.refresh_from_db()
    assert {answer.status_code for answer in answers} == {404}
    assert (bid.status, ask.status) == ("open", "open")


@pytest.mark.parametrize("address", ["/my/bids/", "/my/asks/", "/my/bids/1/", "/my/asks/1/"])
def test_my_market_wants_a_sign_in(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer["Location"] == f"/accounts/sign-in/?next={address}"
