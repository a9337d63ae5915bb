import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Drop, Order, Trade
from catalog.orders.services import refund
from catalog.services import buy_now
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask
from tests.factories.drops import make_announced, set_clock

pytestmark = pytest.mark.django_db

LIMIT = 2


@pytest.fixture
def drop(settings: Settings, tmp_path: Path) -> Drop:
    """Open, at $180 and with pieces left, of which one account may buy two."""
    made = make_announced(limit_per_account=LIMIT, n_pieces=9)
    set_clock(settings, tmp_path, made.opens_at + timedelta(seconds=1))
    return made


def who_has(drop: Drop, n_pieces: int) -> User:
    buyer, variant_id = make_user(), drop.sizes.get().variant_id
    for _ in range(n_pieces):
        buy_now(variant_id=variant_id, buyer=buyer, seen_price_cents=drop.price_cents, idempotency_key=uuid4())
    return buyer


def page_of(drop: Drop, buyer: User, path: str, **query: str) -> str:
    client = Client()
    client.force_login(buyer)
    size = str(drop.sizes.get().variant_id)
    return client.get(f"/p/{drop.product.slug}/{path}/", {"size": size, **query}).content.decode()


@pytest.mark.parametrize(("n_pieces", "may_buy"), [(0, True), (1, True), (2, False)])
def test_review_offers_buy_now_until_the_limit_and_then_says_it(drop: Drop, n_pieces: int, may_buy: bool) -> None:
    buyer = who_has(drop, n_pieces)

    page = page_of(drop, buyer, "review", deed="buy")

    assert ("data-confirm" in page) == may_buy
    assert ('<form class="review"' in page) == may_buy
    assert ("You have your 2 pieces of this drop." in page) == (not may_buy)
    assert ("One account may buy 2." in page) == (not may_buy)


@pytest.mark.parametrize(("n_pieces", "may_buy"), [(1, True), (2, False)])
def test_desk_leads_to_the_review_of_a_purchase_until_the_limit(drop: Drop, n_pieces: int, may_buy: bool) -> None:
    buyer = who_has(drop, n_pieces)

    page = page_of(drop, buyer, "buy")

    assert ("Review purchase" in page) == may_buy
    assert ("One account may buy 2." in page) == (not may_buy)
    assert "Review bid" in page


@pytest.mark.parametrize(("price", "may_bid"), [("179.99", True), ("180", False)])
def test_review_of_a_bid_at_the_limit_offers_only_one_that_waits(drop: Drop, price: str, may_bid: bool) -> None:
    buyer = who_has(drop, LIMIT)

    page = page_of(drop, buyer, "review", deed="bid", price=price, days="7")

    assert ("data-confirm" in page) == may_bid
    assert ("One account may buy 2." in page) == (not may_bid)


def test_review_at_the_limit_offers_what_somebody_else_sells_for_less(drop: Drop) -> None:
    buyer = who_has(drop, LIMIT)
    make_ask(drop.sizes.get().variant, 17_000, make_user())

    page = page_of(drop, buyer, "review", deed="buy")

    assert "data-confirm" in page
    assert "of this drop" not in page


def test_review_counts_no_piece_whose_order_was_cancelled(drop: Drop) -> None:
    buyer = who_has(drop, LIMIT)
    refund(order_id=Order.objects.filter(buyer=buyer).latest("pk").pk, staff=make_user(), reason="Lost in the post.")

    page = page_of(drop, buyer, "review", deed="buy")

    assert "data-confirm" in page


def test_click_at_the_limit_is_told_once_why_and_finds_no_button(drop: Drop) -> None:
    buyer, variant_id = who_has(drop, LIMIT), drop.sizes.get().variant_id
    client = Client()
    client.force_login(buyer)
    sent = {"choice": f"{variant_id}:{drop.price_cents}", "idempotency_key": str(uuid4())}

    answer = client.post(f"/p/{drop.product.slug}/buy/", sent)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(r'role="alert">.*Nothing was charged', page)
    assert page.count('role="alert"') == 1
    assert "data-confirm" not in page
    assert Trade.objects.filter(buyer=buyer).count() == LIMIT


def test_review_of_a_drop_costs_one_query_more(drop: Drop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client, size = Client(), drop.sizes.get().variant_id
    client.force_login(who_has(drop, 1))
    address = f"/p/{drop.product.slug}/review/?deed=buy&size={size}"
    client.get(address)

    # Beside session, account, size, best prices and means of payment: how many pieces they have.
    with django_assert_num_queries(6):
        client.get(address)
