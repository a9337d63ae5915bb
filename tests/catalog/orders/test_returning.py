from datetime import date, timedelta

import pytest
from django.conf import settings

from catalog import book, conf, housekeeping
from catalog.models import Ask, Bid, Drop, Order, OrderStep, Product, Quote, Trade
from catalog.orders.services import give_up
from catalog.payments.methods import choose_method
from catalog.payments.paying import pay, pay_due
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant
from tests.factories.orders import make_house_order, make_order, take

pytestmark = pytest.mark.django_db
DECLINED = "test-declined"


def test_put_back_keeps_price_place_and_expiry() -> None:
    variant, first = make_variant(), make_user()
    order = make_order(variant=variant, seller=first, token=DECLINED)
    before = Ask.objects.get()
    make_ask(variant, 12_000, make_user())

    pay(order.pk)

    taken = take(variant, make_user(), 12_000)
    assert taken.seller_id == first.pk
    again = Ask.objects.get(trade__order=taken)
    assert (again.placed_at, again.expires_at) == (before.placed_at, before.expires_at)


def test_put_back_is_matched_at_once_with_who_bid_meanwhile() -> None:
    variant, seller, bidder = make_variant(), make_user(), make_user()
    order = make_order(variant=variant, seller=seller, token=DECLINED, price_cents=12_000)
    bid = make_bid(variant, 12_500, bidder)

    pay(order.pk)
    pay_due()

    bid.refresh_from_db()
    assert bid.status == Bid.Status.FILLED
    sold = Order.objects.get(buyer=bidder)
    assert (sold.seller_id, sold.price_cents, sold.status) == (seller.pk, 12_500, "paid")


def test_put_back_leaves_what_ran_out() -> None:
    order = make_order(token=DECLINED)

    with settings.CLOCK.at(conf.now() + timedelta(days=31)):
        pay(order.pk)

    assert not Ask.objects.filter(status="open").exists()


def test_put_back_leaves_a_suspended_seller_out() -> None:
    order = make_order(token=DECLINED)
    assert order.seller is not None
    housekeeping.suspend(account=order.seller, by=make_user(is_staff=True), reason="Sells copies.")

    pay(order.pk)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert not Ask.objects.filter(status="open").exists()


def test_put_back_never_meets_the_sellers_own_bid() -> None:
    variant, seller = make_variant(), make_user()
    order = make_order(variant=variant, seller=seller, token=DECLINED, price_cents=12_000)
    make_bid(variant, 12_500, seller)

    pay(order.pk)

    assert Trade.objects.count() == 1
    assert not Ask.objects.filter(status="open").exists()


def test_put_back_returns_a_piece_to_the_house() -> None:
    order = make_house_order(token=DECLINED)

    pay(order.pk)

    again = Ask.objects.get(status="open")
    assert (again.seller_id, again.price_cents, again.expires_at) == (None, 12_000, None)


def test_put_back_returns_a_piece_to_its_drop() -> None:
    variant, buyer = make_variant(), make_user()
    drop = Drop.objects.create(
        product=variant.product, opens_at=conf.now() - timedelta(minutes=1), price_cents=15_000, limit_per_account=1
    )
    housekeeping.stock_house_asks(variant_id=variant.pk, n_pieces=2, price_cents=15_000, drop_id=drop.pk)
    choose_method(account=buyer, token=DECLINED)

    pay(take(variant, buyer, 15_000).pk)

    assert Ask.objects.filter(status="open", drop=drop, price_cents=15_000).count() == 2


def test_put_back_happens_once() -> None:
    order = make_order(token=DECLINED)

    for _ in range(3):
        pay(order.pk)
        pay_due()

    assert Ask.objects.filter(status="open").count() == 1
    assert OrderStep.objects.filter(order=order, to_status="cancelled").count() == 1


def test_put_back_leaves_out_a_product_that_was_taken_down() -> None:
    order = make_order(token=DECLINED)
    Product.objects.update(is_listed=False, released_on=date(2026, 1, 1))

    pay(order.pk)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert not Ask.objects.filter(status="open").exists()


def test_last_sale_is_none_that_was_cancelled() -> None:
    variant = make_variant()
    make_order("paid", variant=variant, price_cents=10_000)
    dear = make_order(variant=variant, price_cents=90_000, token=DECLINED)
    shown = Quote.objects.get(variant=variant).last_sale_cents

    pay(dear.pk)

    assert shown == 90_000
    assert Quote.objects.get(variant=variant).last_sale_cents == 10_000
    assert [sale.price_cents for sale in book.last_sales(variant)] == [10_000]
    assert [day.high_cents for day in book.price_history(variant)] == [10_000]


def test_last_sale_goes_when_the_only_one_was_refunded() -> None:
    order = make_order("paid")
    assert order.seller is not None

    give_up(order_id=order.pk, seller=order.seller, reason="It is damaged.")

    assert Quote.objects.get(variant=order.trade.variant).last_sale_cents is None
