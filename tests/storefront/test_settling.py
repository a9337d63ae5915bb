import logging
from uuid import uuid4

import pytest

from catalog.exceptions import OrderRejected
from catalog.models import Order, PaymentMethod
from catalog.payments.methods import find_token
from catalog.services import buy_now
from storefront.accounts.models import User
from storefront.settling import pay_with, settle
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask

pytestmark = pytest.mark.django_db


def matched(buyer: User) -> Order:
    variant = make_ask(price_cents=12_000).variant
    buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=uuid4())
    return Order.objects.get(buyer=buyer)


def test_settle_asks_for_the_money_at_once() -> None:
    order = matched(make_user())

    settle(order.pk)

    order.refresh_from_db()
    assert order.status == "paid"


def test_settle_of_no_order_does_nothing() -> None:
    settle(None)

    assert not Order.objects.exists()


def test_settle_never_raises_and_leaves_the_order_to_the_tick(
    settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    order = matched(make_user())
    settings.PAYMENT_PROVIDER = "nobody"  # type: ignore[attr-defined]

    with caplog.at_level(logging.ERROR):
        settle(order.pk)

    order.refresh_from_db()
    assert order.status == "matched"
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "An order was not paid at once."
    ]


def test_pay_with_keeps_another_choice_and_writes_nothing_for_the_same() -> None:
    me = make_user()
    usual = find_token(me.pk)

    pay_with(me, usual)
    pay_with(me, None)
    n_kept = PaymentMethod.objects.count()
    pay_with(me, "test-declined")

    assert n_kept == 0
    assert find_token(me.pk) == "test-declined"


def test_pay_with_what_there_is_not_is_refused() -> None:
    with pytest.raises(OrderRejected):
        pay_with(make_user(), "stolen")
