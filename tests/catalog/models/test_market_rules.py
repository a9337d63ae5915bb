from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from catalog.models import Ask, Bid, Order, Quote, Trade, Variant
from catalog.services import buy_now
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant

pytestmark = pytest.mark.django_db


def traded() -> Trade:
    ask = make_ask(make_variant(), 1_000, make_user())
    buy_now(variant_id=ask.variant_id, buyer=make_user(), seen_price_cents=1_000, idempotency_key=uuid4())
    return Trade.objects.get()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda: Bid.objects.update(price_cents=0), "price_positive"),
        (lambda: Ask.objects.update(price_cents=-1), "price_positive"),
        (lambda: Bid.objects.update(status="gone"), "bid_status_known"),
        (lambda: Ask.objects.update(status="filled"), "ask_status_known"),
        (lambda: Trade.objects.update(price_cents=0), "price_positive"),
        (lambda: Trade.objects.update(source="hearsay"), "trade_source_known"),
        (lambda: Trade.objects.update(seller=F("buyer")), "trade_not_with_oneself"),
        (lambda: Trade.objects.update(buyer=None), "trade_of_market_has_buyer"),
        (lambda: Trade.objects.update(source="import"), "trade_of_market_has_buyer"),
        (lambda: Quote.objects.update(last_sale_cents=-1), "cents_not_negative"),
    ],
)
def test_row_keeps_its_rule_in_the_database(change: Callable[[], int], rule: str) -> None:
    traded()
    make_bid()

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        change()


@pytest.mark.parametrize(
    ("amounts", "rule"),
    [
        ({"total_cents": 1}, "order_total_adds_up"),
        ({"payout_cents": 1}, "order_payout_adds_up"),
        ({"fee_cents": -1}, "cents_not_negative"),
        ({"status": "lost"}, "order_status_known"),
    ],
)
def test_new_order_adds_up_in_the_database(amounts: dict[str, Any], rule: str) -> None:
    order = Order.objects.get(trade=traded())
    order.pk, order.trade_id = None, order.trade_id + 1
    for name, amount in amounts.items():
        setattr(order, name, amount)

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        order.save(force_insert=True)


@pytest.mark.parametrize("table", ["catalog_trade", "catalog_ask", "catalog_order"])
def test_what_was_traded_is_never_deleted(table: str) -> None:
    traded()

    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_size_that_somebody_bid_for_is_not_deleted() -> None:
    variant, other = make_bid().variant, make_variant()
    Quote.objects.all().delete()

    with pytest.raises(IntegrityError, match="it stays"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_variant WHERE id = %s", [variant.pk])
    other.delete()

    assert list(Variant.objects.all()) == [variant]
