from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.conf import settings

from catalog import conf
from catalog.models import Order
from catalog.orders.services import refund
from catalog.payments.methods import choose_method
from catalog.payments.paying import pay
from catalog.services import place_bid, sell_now
from recommendations.events.store import store
from recommendations.events.wire import decode_record
from recommendations.models import Interaction, OutboxInteraction
from recommendations.ports import Interaction as Recorded
from recommendations.ports import Shopper
from recommendations.serving.bought import bought_items, forget_bought
from storefront import checkout
from storefront.accounts.models import User
from storefront.schedule import beat_schedule
from storefront.tasks import tell_late_deeds
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant
from tests.factories.orders import advance_order

pytestmark = pytest.mark.django_db
KEY = "b" * 32
SHOPPER = Shopper(KEY, "visit")


def relay_and_store() -> None:
    """What the consumers do with what lies in the outbox."""
    rows = OutboxInteraction.objects.order_by("created_at", "event_id")
    store([cast("Recorded", decode_record(row.payload)) for row in rows])
    rows.delete()


@contextmanager
def later(by: timedelta = timedelta(minutes=2)) -> Iterator[None]:
    with settings.CLOCK.at(conf.now() + by):
        yield


def tell() -> None:
    """A tick, two minutes from now, and what follows of it."""
    with later():
        tell_late_deeds()
    relay_and_store()


def told() -> list[tuple[str, str, float | None]]:
    rows = Interaction.objects.filter(shopper_key=KEY).order_by("occurred_at")
    return list(rows.values_list("event_type", "session_id", "event_value"))


def buy(buyer: User, *, shopper: Shopper = SHOPPER) -> Order:
    variant = make_variant()
    make_ask(variant, 12_000)
    placed = checkout.buy_now(
        variant_id=variant.pk, buyer=buyer, shopper=shopper, seen_price_cents=12_000, idempotency_key=uuid4()
    )
    return Order.objects.get(pk=cast("int", placed.order_id))


def test_refund_is_told_as_a_return_and_the_piece_counts_as_bought_no_more() -> None:
    order = advance_order(buy(make_user(shopper_key=KEY)), "paid")
    relay_and_store()
    before = bought_items(KEY)
    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")

    for _ in range(2):
        tell()

    forget_bought()
    assert told() == [("purchase", "visit", 120.0), ("return", "visit", 120.0)]
    assert (set(before), set(bought_items(KEY))) == ({order.trade.variant.product.sku}, set())


@pytest.mark.parametrize("token", ["test-declined", "test-capture-declined"])
def test_purchase_that_is_never_paid_is_told_as_a_return(token: str) -> None:
    buyer = make_user(shopper_key=KEY)
    order = buy(buyer)
    relay_and_store()
    choose_method(account=buyer, token=token)
    pay(order.pk)

    tell()

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert [event_type for event_type, *_ in told()] == ["purchase", "return"]


def test_purchase_that_nobody_recorded_has_no_return() -> None:
    order = advance_order(buy(make_user(shopper_key=KEY), shopper=Shopper(KEY, "visit", has_consent=False)), "paid")
    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")

    tell()

    assert not Interaction.objects.exists()
    assert not OutboxInteraction.objects.exists()


def test_forgotten_purchase_has_no_return() -> None:
    order = advance_order(buy(make_user(shopper_key=KEY)), "paid")
    relay_and_store()
    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")
    Interaction.objects.all().delete()

    tell()

    assert not Interaction.objects.exists()


def bid_and_sell(bidder: User, *, is_recorded: bool) -> Order:
    """A bid that stands and is met by a sale that happens before the bid has reached the store."""
    variant = make_variant()
    asked: dict[str, Any] = {
        "variant_id": variant.pk,
        "price_cents": 9_000,
        "expires_in_days": 7,
        "idempotency_key": uuid4(),
    }
    if is_recorded:
        checkout.place_bid(**asked, buyer=bidder, shopper=SHOPPER)
    else:
        place_bid(**asked, buyer=bidder)
    placed = sell_now(variant_id=variant.pk, seller=make_user(), seen_price_cents=9_000, idempotency_key=uuid4())
    return Order.objects.get(pk=cast("int", placed.order_id))


def test_bid_that_is_met_before_it_is_stored_becomes_a_purchase_once() -> None:
    bid_and_sell(make_user(shopper_key=KEY), is_recorded=True)
    tell_late_deeds()
    early = OutboxInteraction.objects.count()
    relay_and_store()

    for _ in range(2):
        tell()

    assert early == 1
    assert told() == [("bid", "visit", 90.0), ("purchase", "visit", 90.0)]


def test_bid_that_nobody_recorded_becomes_no_purchase() -> None:
    bid_and_sell(make_user(shopper_key=KEY), is_recorded=False)
    bid_and_sell(make_user(), is_recorded=False)

    tell()

    assert not Interaction.objects.exists()


def test_bid_that_was_met_at_once_is_its_own_affair() -> None:
    variant, buyer = make_variant(), make_user(shopper_key=KEY)
    make_ask(variant, 9_000)
    asked: dict[str, Any] = {"variant_id": variant.pk, "expires_in_days": 7}
    checkout.place_bid(**asked, price_cents=5_000, idempotency_key=uuid4(), buyer=buyer, shopper=SHOPPER)
    place_bid(**asked, price_cents=9_000, idempotency_key=uuid4(), buyer=buyer)
    relay_and_store()

    tell()

    assert [event_type for event_type, *_ in told()] == ["bid"]


def test_late_deeds_are_told_each_minute_and_do_not_pile_up() -> None:
    entry = beat_schedule(retrain_tick_s=60.0)["tell-late-deeds"]

    assert (entry["task"], entry["schedule"], entry["options"]) == (tell_late_deeds.name, 60.0, {"expires": 60.0})
