from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import services
from catalog.exceptions import (
    BidGone,
    IdempotencyKeyReused,
    OrderClosed,
    OrderRefused,
    OrderRejected,
    QuoteMoved,
    SelfTrade,
)
from catalog.fees import FeeTable
from catalog.models import Ask, Bid, MarketCommand, Order, OrderStep, Quote, Trade
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_product, make_variant

pytestmark = pytest.mark.django_db


def test_place_bid_stands_and_moves_the_quote() -> None:
    variant, buyer = make_variant(), make_user()

    placed = services.place_bid(
        variant_id=variant.pk, buyer=buyer, price_cents=9_000, expires_in_days=3, idempotency_key=uuid4()
    )

    bid = Bid.objects.get()
    assert (placed.bid_id, placed.trade_id, placed.price_cents) == (bid.pk, None, 9_000)
    assert (placed.expires_at, (bid.expires_at - bid.placed_at).days) == (bid.expires_at, 3)
    assert Quote.objects.get(variant=variant).highest_bid_cents == 9_000


def test_bid_above_an_ask_buys_at_the_asks_price_and_makes_the_order() -> None:
    seller = make_user()
    ask = make_ask(make_variant(), 9_000, seller)

    bid = make_bid(ask.variant, 12_000)

    order, step = Order.objects.get(), OrderStep.objects.get()
    ask.refresh_from_db()
    assert (bid.status, ask.status) == (Bid.Status.FILLED, Ask.Status.SOLD)
    assert (order.buyer, order.seller, order.price_cents, order.status) == (bid.buyer, seller, 9_000, "matched")
    assert (step.order, step.from_status, step.to_status, step.by) == (order, "", "matched", "buyer")


def test_ask_below_a_bid_sells_at_the_bids_price() -> None:
    bid = make_bid(make_variant(), 12_000)

    ask = make_ask(bid.variant, 9_000, make_user())

    trade = Trade.objects.get()
    assert (trade.price_cents, trade.bid, trade.ask, trade.seller) == (12_000, bid, ask, ask.seller)
    assert OrderStep.objects.get().by == "seller"


def test_sell_now_takes_the_highest_bid_and_no_worse_price_than_seen() -> None:
    variant, seller = make_variant(), make_user()
    make_bid(variant, 9_000)
    best = make_bid(variant, 10_000)

    with pytest.raises(QuoteMoved):
        services.sell_now(variant_id=variant.pk, seller=seller, seen_price_cents=10_001, idempotency_key=uuid4())
    placed = services.sell_now(variant_id=variant.pk, seller=seller, seen_price_cents=9_500, idempotency_key=uuid4())

    assert (placed.bid_id, placed.ask_id, placed.price_cents) == (best.pk, None, 10_000)
    assert Quote.objects.get(variant=variant).highest_bid_cents == 9_000


def test_sell_now_needs_a_bid_of_somebody_else() -> None:
    variant, account = make_variant(), make_user()

    with pytest.raises(BidGone):
        services.sell_now(variant_id=variant.pk, seller=account, seen_price_cents=1, idempotency_key=uuid4())
    make_bid(variant, 9_000, account)
    with pytest.raises(SelfTrade):
        services.sell_now(variant_id=variant.pk, seller=account, seen_price_cents=1, idempotency_key=uuid4())

    assert not Trade.objects.exists()


def test_order_that_would_cross_ones_own_alone_is_refused() -> None:
    variant, account = make_variant(), make_user()
    make_ask(variant, 10_000, account)
    make_bid(variant, 8_000, account)

    with pytest.raises(SelfTrade):
        make_bid(variant, 10_000, account)
    with pytest.raises(SelfTrade):
        make_ask(variant, 8_000, account)

    assert (Bid.objects.count(), Ask.objects.count()) == (1, 1)


def test_bid_where_nobody_asks_buys_from_the_house_at_its_price() -> None:
    variant = make_variant(make_product(house_price_cents=5_000))

    below, above = make_bid(variant, 4_999), make_bid(variant, 6_000)

    trade = Trade.objects.get()
    assert (below.status, above.status) == (Bid.Status.OPEN, Bid.Status.FILLED)
    assert (trade.price_cents, trade.ask, trade.seller) == (5_000, None, None)


def test_edit_keeps_the_place_in_line_unless_the_price_moves() -> None:
    bid = make_bid(expires_in_days=1)

    def edit(price_cents: int) -> Bid:
        services.edit_bid(
            bid_id=bid.pk, buyer=bid.buyer, price_cents=price_cents, expires_in_days=30, idempotency_key=uuid4()
        )
        return Bid.objects.get(pk=bid.pk)

    same, moved = edit(bid.price_cents), edit(bid.price_cents + 100)

    assert (same.placed_at, same.expires_at > bid.expires_at) == (bid.placed_at, True)
    assert (moved.placed_at > bid.placed_at, moved.price_cents) == (True, bid.price_cents + 100)
    assert Quote.objects.get(variant=bid.variant).highest_bid_cents == bid.price_cents + 100


def test_edit_to_a_crossing_price_is_met_at_once() -> None:
    bid, seller = make_bid(make_variant(), 9_000), make_user()
    ask = make_ask(bid.variant, 10_000, seller)

    placed = services.edit_ask(
        ask_id=ask.pk, seller=seller, price_cents=8_000, expires_in_days=7, idempotency_key=uuid4()
    )

    assert (placed.ask_id, placed.bid_id, placed.price_cents) == (ask.pk, bid.pk, 9_000)
    assert Order.objects.get().pk == placed.order_id


def test_cancel_takes_an_order_out_once() -> None:
    bid = make_bid()

    services.cancel_bid(bid_id=bid.pk, buyer=bid.buyer, idempotency_key=uuid4())

    bid.refresh_from_db()
    assert bid.status == Bid.Status.CANCELLED
    assert Quote.objects.get(variant=bid.variant).highest_bid_cents is None
    with pytest.raises(OrderClosed):
        services.cancel_bid(bid_id=bid.pk, buyer=bid.buyer, idempotency_key=uuid4())


def test_orders_of_somebody_else_cannot_be_touched() -> None:
    bid, ask, other = make_bid(), make_ask(seller=make_user()), make_user()

    with pytest.raises(OrderRejected, match=f"bid_id == {bid.pk}: you have no such bid"):
        services.cancel_bid(bid_id=bid.pk, buyer=other, idempotency_key=uuid4())
    with pytest.raises(OrderRejected, match=f"ask_id == {ask.pk}: you have no such ask"):
        services.edit_ask(ask_id=ask.pk, seller=other, price_cents=1, expires_in_days=1, idempotency_key=uuid4())
    with pytest.raises(OrderRejected, match="ask_id"):
        services.cancel_ask(ask_id=2**63, seller=other, idempotency_key=uuid4())

    assert (Bid.objects.get().status, Ask.objects.get().price_cents) == ("open", ask.price_cents)


def test_refusal_is_kept_with_its_key() -> None:
    variant, seller, key = make_variant(), make_user(), uuid4()

    def sell() -> int | None:
        return services.sell_now(variant_id=variant.pk, seller=seller, seen_price_cents=100, idempotency_key=key).bid_id

    with pytest.raises(BidGone):
        sell()
    make_bid(variant, 9_000)
    with pytest.raises(BidGone):
        sell()

    assert not Trade.objects.exists()


def test_refusal_goes_with_the_transaction_that_it_leaves() -> None:
    variant, seller, key = make_variant(), make_user(), uuid4()

    with pytest.raises(OrderRefused), transaction.atomic():
        services.sell_now(variant_id=variant.pk, seller=seller, seen_price_cents=100, idempotency_key=key)

    assert not MarketCommand.objects.exists()


def test_key_belongs_to_its_kind_its_target_its_price_and_its_days() -> None:
    variant, other, buyer, key = make_variant(), make_variant(), make_user(), uuid4()
    given = {"variant_id": variant.pk, "price_cents": 900, "expires_in_days": 3}
    first = services.place_bid(buyer=buyer, idempotency_key=key, **given)

    for change in ({"variant_id": other.pk}, {"price_cents": 901}, {"expires_in_days": 7}):
        with pytest.raises(IdempotencyKeyReused):
            services.place_bid(buyer=buyer, idempotency_key=key, **{**given, **change})
    with pytest.raises(IdempotencyKeyReused):
        services.buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=900, idempotency_key=key)

    assert services.place_bid(buyer=buyer, idempotency_key=key, **given) == first
    assert Bid.objects.count() == 1


def test_command_is_one_round_trip(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    variant, buyer = make_variant(), make_user()
    make_ask(variant, 9_000)

    with django_assert_num_queries(1):
        services.buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=9_000, idempotency_key=uuid4())

    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "table",
    [
        FeeTable(),
        FeeTable(Decimal("0.025"), 0, 0, Decimal("0.0875"), 0),
        FeeTable(Decimal(0), 1, 2, Decimal("0.5"), 900),
    ],
)
def test_order_has_the_amounts_of_the_table(table: FeeTable, settings: Settings) -> None:
    settings.FEES = table
    prices = [1, 2, 19, 20, 50, 99, 150, 899, 1_010, 1_234, 4_999, 123_450, services.MAX_PRICE_CENTS]

    for price_cents in prices:
        bid = make_bid(make_variant(), price_cents)
        make_ask(bid.variant, price_cents, make_user())

    for order in Order.objects.all():
        found = table.amounts(order.price_cents)
        assert order.total_cents == found.total
        assert (order.processing_cents, order.shipping_cents) == (found.processing, found.shipping)
        assert (order.fee_cents, order.payout_cents) == (found.fee, found.payout)
    assert sorted(order.price_cents for order in Order.objects.all()) == prices
