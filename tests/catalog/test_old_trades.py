from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from catalog import conf, services
from catalog.models import Ask, MarketCommand, Order, OrderStep, Payout, Trade
from catalog.orders import services as life
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db

SQL = Path(services.__file__).with_name("migrations") / "sql"


def run(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text())


def make_old_trade(buyer: User, price_cents: int = 12_345) -> Trade:
    """As Buy Now wrote them before there were orders."""
    ask = make_ask(make_variant(), price_cents, seller=make_user())
    Ask.objects.filter(pk=ask.pk).update(status=Ask.Status.SOLD)
    return Trade.objects.create(
        variant=ask.variant, ask=ask, buyer=buyer, price_cents=price_cents, traded_at=conf.now()
    )


def test_old_sale_gets_its_payout_once() -> None:
    trade, under_way = make_old_trade(make_user()), make_order("shipped")
    run("0004_orders_of_old_trades.sql")

    run("0020_payouts_of_old_sales.sql")
    run("0020_payouts_of_old_sales.sql")

    payout = Payout.objects.get()
    trade.refresh_from_db()
    assert (payout.order.trade, payout.seller, payout.amount_cents) == (trade, trade.seller, 12_345 - 1_234)
    assert not under_way.payouts.exists()


def test_sale_that_was_completed_while_payouts_came_gets_its_own() -> None:
    order, booked = make_order("shipped"), make_order("completed")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE catalog_order DISABLE TRIGGER payout_booked; SET CONSTRAINTS ALL DEFERRED")
        life.receive(order_id=order.pk, buyer=order.buyer)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE catalog_order ENABLE TRIGGER payout_booked")
    n_before = Payout.objects.count()

    (operation,) = import_module("catalog.migrations.0027_payouts_meanwhile").Migration.operations
    with connection.cursor() as cursor:
        cursor.execute(operation.sql)

    assert n_before == booked.payouts.count() == 1
    assert [payout.amount_cents for payout in order.payouts.all()] == [order.payout_cents]


def test_old_trade_gets_a_completed_order_once() -> None:
    trade = make_old_trade(make_user())

    run("0004_orders_of_old_trades.sql")
    run("0004_orders_of_old_trades.sql")

    order = Order.objects.get()
    step = OrderStep.objects.get()
    trade.refresh_from_db()
    assert (order.trade, order.buyer, order.seller, order.status) == (trade, trade.buyer, trade.seller, "completed")
    assert trade.seller is not None
    assert (order.total_cents, order.fee_cents, order.payout_cents) == (12_345, 1_234, 11_111)
    assert (step.order, step.from_status, step.to_status) == (order, "", "completed")


def test_history_gets_no_order() -> None:
    Trade.objects.create(variant=make_variant(), source="import", price_cents=100, traded_at=conf.now())

    run("0004_orders_of_old_trades.sql")

    assert not Order.objects.exists()


def test_key_of_an_old_trade_still_buys_nothing_more() -> None:
    buyer, key = make_user(), uuid4()
    trade = make_old_trade(buyer)
    make_ask(trade.variant, 100)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE catalog_trade ADD COLUMN idempotency_key uuid")
        cursor.execute("UPDATE catalog_trade SET idempotency_key = %s", [key])

    run("0004_orders_of_old_trades.sql")
    run("0005_keys_of_old_trades.sql")
    again = services.buy_now(
        variant_id=trade.variant_id, buyer=buyer, seen_price_cents=trade.price_cents, idempotency_key=key
    )

    assert (again.trade_id, again.price_cents, again.placed_at) == (trade.pk, 12_345, trade.traded_at)
    assert Trade.objects.count() == 1
    assert MarketCommand.objects.filter(account=buyer).count() == 1
