from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from catalog.exceptions import AskGone, OrderRefused, QuoteMoved
from catalog.models import Bid, MarketCommand, Trade
from catalog.services import Placed, cancel_bid
from recommendations.events.store import store
from recommendations.events.wire import decode_record
from recommendations.exceptions import InvalidInput
from recommendations.models import OutboxInteraction
from recommendations.ports import Interaction, Shopper
from storefront import checkout
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db

SHOPPER = Shopper(shopper_key="k" * 32, session_id="visit")
WITHOUT_CONSENT = Shopper(shopper_key="k" * 32, session_id="visit", has_consent=False)


def recorded() -> list[tuple[str, str, float | None]]:
    rows = OutboxInteraction.objects.order_by("created_at", "event_id")
    deeds = [record for record in (decode_record(row.payload) for row in rows) if isinstance(record, Interaction)]
    return [(deed.event_type, deed.item_id, deed.event_value) for deed in deeds]


def commands(shopper: Shopper) -> dict[str, Callable[[], Placed]]:
    """Every deed on books that meet it or let it rest, by its name."""
    me, lively, quiet = make_user(), make_variant(), make_variant()
    for price_cents in (12_000, 12_500, 13_000):
        make_ask(lively, price_cents)
    for price_cents in (9_000, 8_500, 8_000):
        make_bid(lively, price_cents)
    bid, ask = make_bid(quiet, 5_000, buyer=me), make_ask(quiet, 7_000, seller=me)
    buy: dict[str, Any] = {"buyer": me, "shopper": shopper, "idempotency_key": uuid4()}
    sell: dict[str, Any] = {"seller": me, "shopper": shopper, "idempotency_key": uuid4()}
    days: dict[str, Any] = {"expires_in_days": 7}
    return {
        "buy now": partial(checkout.buy_now, variant_id=lively.pk, seen_price_cents=12_000, **buy),
        "sell now": partial(checkout.sell_now, variant_id=lively.pk, seen_price_cents=9_000, **sell),
        "bid": partial(checkout.place_bid, variant_id=quiet.pk, price_cents=6_000, **days, **buy),
        "ask": partial(checkout.place_ask, variant_id=quiet.pk, price_cents=8_000, **days, **sell),
        "bid that is met": partial(checkout.place_bid, variant_id=lively.pk, price_cents=15_000, **days, **buy),
        "ask that is met": partial(checkout.place_ask, variant_id=lively.pk, price_cents=7_000, **days, **sell),
        "edit of a bid": partial(checkout.edit_bid, bid_id=bid.pk, price_cents=5_500, **days, **buy),
        "edit of an ask": partial(checkout.edit_ask, ask_id=ask.pk, price_cents=7_500, **days, **sell),
    }


@pytest.mark.parametrize(
    ("deed", "fact"),
    [
        ("buy now", ("purchase", 120.0)),
        ("sell now", ("ask", 90.0)),
        ("bid", ("bid", 60.0)),
        ("ask", ("ask", 80.0)),
        ("bid that is met", ("purchase", 120.0)),
        ("ask that is met", ("ask", 90.0)),
        ("edit of a bid", None),
        ("edit of an ask", None),
    ],
)
def test_checkout_records_what_a_deed_became_once_however_often_it_is_sent(
    deed: str, fact: tuple[str, float] | None
) -> None:
    command = commands(SHOPPER)[deed]

    first, second = command(), command()

    assert first == second
    assert [(event_type, value) for event_type, _, value in recorded()] == ([fact] if fact else [])


def test_checkout_names_the_product_of_the_size() -> None:
    variant = make_variant()
    make_ask(variant, 12_000)

    checkout.buy_now(
        variant_id=variant.pk, buyer=make_user(), shopper=SHOPPER, seen_price_cents=12_000, idempotency_key=uuid4()
    )

    assert recorded() == [("purchase", variant.product.sku, 120.0)]


def test_checkout_of_an_edit_that_is_met_records_the_purchase() -> None:
    me, variant = make_user(), make_variant()
    bid = make_bid(variant, 5_000, buyer=me)
    make_ask(variant, 9_000)

    placed = checkout.edit_bid(
        bid_id=bid.pk, buyer=me, shopper=SHOPPER, price_cents=9_500, expires_in_days=3, idempotency_key=uuid4()
    )

    assert placed.trade_id is not None
    assert recorded() == [("purchase", variant.product.sku, 90.0)]


@pytest.mark.parametrize(("n_recorded", "n_purchases"), [(1, 1), (0, 0)])
def test_checkout_of_a_sale_is_the_purchase_of_a_bidder_whose_bid_was_recorded(
    n_recorded: int, n_purchases: int
) -> None:
    bidder, variant = make_user(shopper_key="b" * 32), make_variant()
    make_bid(variant, 9_000, buyer=bidder)
    store([make_interaction(shopper_key="b" * 32, item_id=variant.product.sku, event_type="bid")] * n_recorded)
    sell: dict[str, Any] = {"seller": make_user(), "seen_price_cents": 9_000, "idempotency_key": uuid4()}

    for _ in range(2):
        checkout.sell_now(variant_id=variant.pk, shopper=WITHOUT_CONSENT, **sell)

    assert recorded() == [("purchase", variant.product.sku, 90.0)] * n_purchases


@pytest.mark.parametrize("deed", ["buy now", "sell now", "bid", "ask"])
def test_checkout_without_consent_does_the_deed_and_records_nothing(deed: str) -> None:
    command = commands(WITHOUT_CONSENT)[deed]

    placed = command()

    assert placed.trade_id or placed.bid_id or placed.ask_id
    assert recorded() == []


def test_checkout_keeps_neither_trade_nor_purchase_when_the_outbox_refuses() -> None:
    variant = make_variant()
    make_ask(variant, 12_000)
    nameless = Shopper(shopper_key="", session_id="visit")

    with pytest.raises(InvalidInput):
        checkout.buy_now(
            variant_id=variant.pk,
            buyer=make_user(),
            shopper=nameless,
            seen_price_cents=12_000,
            idempotency_key=uuid4(),
        )

    assert not Trade.objects.exists()
    assert not MarketCommand.objects.exists()
    assert not OutboxInteraction.objects.exists()


def test_checkout_records_nothing_when_the_market_refuses() -> None:
    variant = make_variant()

    with pytest.raises(AskGone):
        checkout.buy_now(
            variant_id=variant.pk,
            buyer=make_user(),
            shopper=SHOPPER,
            seen_price_cents=12_000,
            idempotency_key=uuid4(),
        )

    assert not OutboxInteraction.objects.exists()


def test_checkout_keeps_a_refusal_with_its_key_though_the_price_comes_back() -> None:
    me, variant = make_user(), make_variant()
    make_ask(variant, 15_000)
    order: dict[str, Any] = {
        "variant_id": variant.pk,
        "buyer": me,
        "seen_price_cents": 12_000,
        "idempotency_key": uuid4(),
    }

    refusals: list[type[OrderRefused]] = []
    for _ in range(2):
        with pytest.raises(OrderRefused) as refused:
            checkout.buy_now(**order, shopper=SHOPPER)
        refusals.append(refused.type)
        make_ask(variant, 11_000)

    assert refusals == [QuoteMoved, QuoteMoved]
    assert not Trade.objects.exists()


def test_checkout_answers_a_repeated_bid_after_it_was_cancelled_as_before() -> None:
    me, variant = make_user(), make_variant()
    order: dict[str, Any] = {"variant_id": variant.pk, "buyer": me, "price_cents": 6_000, "expires_in_days": 7}
    key = uuid4()
    first = checkout.place_bid(**order, shopper=SHOPPER, idempotency_key=key)
    assert first.bid_id is not None
    cancel_bid(bid_id=first.bid_id, buyer=me, idempotency_key=uuid4())

    second = checkout.place_bid(**order, shopper=SHOPPER, idempotency_key=key)

    assert second == first
    assert Bid.objects.get().status == Bid.Status.CANCELLED
    assert len(recorded()) == 1
