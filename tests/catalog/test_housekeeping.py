from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from catalog import conf, services, tasks
from catalog.exceptions import AccountSuspended, LimitReached, OrderRejected
from catalog.housekeeping import COMMANDS_KEPT, MAX_PIECES
from catalog.models import Ask, Bid, Drop, MarketCommand, Order, Quote, Suspension, Variant
from catalog.orders.states import OrderStatus, Role
from catalog.orders.steps import Mover, move
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant
from tests.fakes.clocks import StandingClock

pytestmark = pytest.mark.django_db


def make_drop(variant: Variant, *, opens_in: timedelta = -timedelta(hours=1), limit: int = 1) -> Drop:
    return Drop.objects.create(
        product=variant.product, opens_at=conf.now() + opens_in, price_cents=20_000, limit_per_account=limit
    )


def stock(variant: Variant, drop: Drop, n_pieces: int = 1) -> int:
    return services.stock_house_asks(
        variant_id=variant.pk, n_pieces=n_pieces, price_cents=drop.price_cents, drop_id=drop.pk
    )


def buy(variant: Variant, buyer: User) -> None:
    services.buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=20_000, idempotency_key=uuid4())


def test_stock_stands_a_piece_each_before_its_drop_opens() -> None:
    variant = make_variant()
    drop = make_drop(variant, opens_in=timedelta(days=1))

    n_standing = stock(variant, drop, 3)

    assert n_standing == 3
    assert Ask.objects.filter(drop=drop, seller=None, price_cents=20_000, status="open").count() == 3
    assert Quote.objects.get(variant=variant).lowest_ask_cents == 20_000


def test_restock_serves_standing_bids_at_their_own_price_best_first() -> None:
    variant = make_variant()
    drop = make_drop(variant)
    make_bid(variant, 19_999)
    second, first = make_bid(variant, 21_000), make_bid(variant, 25_000)

    n_standing = stock(variant, drop, 3)

    orders = Order.objects.filter(seller=None).order_by("id").values_list("buyer", "price_cents")
    assert n_standing == 1
    assert list(orders) == [(first.buyer_id, 25_000), (second.buyer_id, 21_000)]
    assert Quote.objects.get(variant=variant).highest_bid_cents == 19_999


def test_restock_cancels_the_bid_of_an_account_that_has_all_it_may_have() -> None:
    variant, greedy = make_variant(), make_user()
    drop = make_drop(variant)
    stock(variant, drop)
    buy(variant, greedy)
    bid = make_bid(variant, 30_000, greedy)

    n_standing = stock(variant, drop)

    bid.refresh_from_db()
    assert (n_standing, bid.status) == (1, Bid.Status.CANCELLED)


def test_stock_of_a_drop_to_come_is_refused_where_bids_would_meet_it() -> None:
    variant = make_variant()
    make_bid(variant, 20_000)
    drop = make_drop(variant, opens_in=timedelta(days=1))

    with pytest.raises(OrderRejected, match="bids of 20000 or more stand"):
        stock(variant, drop)

    assert not Ask.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n_pieces": 0}, "n_pieces == 0"),
        ({"n_pieces": MAX_PIECES + 1}, "n_pieces"),
        ({"price_cents": 0}, "price_cents == 0"),
        ({"variant_id": 0}, "no such size"),
        ({"variant_id": 2**63}, "variant_id"),
    ],
)
def test_stock_refuses_what_it_cannot_be(fields: dict[str, int], said: str) -> None:
    given: dict[str, Any] = {"variant_id": make_variant().pk, "n_pieces": 1, "price_cents": 100, **fields}

    with pytest.raises(OrderRejected, match=said):
        services.stock_house_asks(**given)

    assert not Ask.objects.exists()


def test_limit_of_a_drop_counts_all_its_sizes_and_no_cancelled_order() -> None:
    variant = make_variant()
    other = make_variant(variant.product, "10")
    drop, buyer = make_drop(variant), make_user()
    stock(variant, drop, 2)
    stock(other, drop, 2)
    buy(variant, buyer)

    with pytest.raises(LimitReached):
        buy(other, buyer)
    move(Order.objects.get(), OrderStatus.CANCELLED, Mover(Role.SCHEDULE, reason="Never paid."))
    buy(other, buyer)

    assert Order.objects.filter(buyer=buyer).count() == 2


def test_expire_closes_what_ran_out_and_moves_the_quotes(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    variant = make_variant()
    short, long = make_bid(variant, 900, expires_in_days=1), make_bid(variant, 800, expires_in_days=3)
    ask = make_ask(variant, 1_000, make_user(), expires_in_days=1)
    clock.moment += timedelta(days=1)

    tasks.expire_orders()
    again = services.expire_orders()

    states = {row: type(row).objects.get(pk=row.pk).status for row in (short, long, ask)}
    quote = Quote.objects.get(variant=variant)
    assert (states, again) == ({short: "expired", long: "open", ask: "expired"}, 0)
    assert (quote.highest_bid_cents, quote.lowest_ask_cents) == (800, None)


def test_expire_takes_no_more_sizes_than_its_limit(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    for _ in range(3):
        make_bid(expires_in_days=1)
    clock.moment += timedelta(days=2)

    expired = [services.expire_orders(limit=2) for _ in range(3)]

    assert expired == [2, 1, 0]


def test_prune_forgets_commands_that_are_a_month_old(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    make_bid()
    clock.moment += COMMANDS_KEPT
    make_bid()
    clock.moment += timedelta(seconds=1)

    tasks.prune_commands()

    assert MarketCommand.objects.count() == 1


def test_suspension_cancels_all_that_stands_and_refuses_what_comes() -> None:
    variant, account, staff = make_variant(), make_user(), make_user()
    bid, ask = make_bid(variant, 900, account), make_ask(make_variant(), 1_000, account)
    other = make_bid(variant, 800)

    suspension = services.suspend(account=account, by=staff, reason=" It sold what it did not have. ")

    states = {row: type(row).objects.get(pk=row.pk).status for row in (bid, ask, other)}
    assert states == {bid: "cancelled", ask: "cancelled", other: "open"}
    assert (suspension.by, suspension.reason) == (staff, "It sold what it did not have.")
    assert Quote.objects.get(variant=variant).highest_bid_cents == 800
    with pytest.raises(AccountSuspended):
        make_bid(variant, 950, account)


def test_suspension_that_is_lifted_lets_the_account_trade_again() -> None:
    account = make_user()
    first = services.suspend(account=account, by=make_user(), reason="A doubt.")
    assert services.suspend(account=account, by=make_user(), reason="Another.") == first

    lifted, again = (services.lift_suspension(account=account) for _ in range(2))

    assert (lifted, again) == (True, False)
    assert make_bid(buyer=account).status == Bid.Status.OPEN
    assert Suspension.objects.get().ended_at is not None


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "It is\0broken."])
def test_suspension_wants_a_reason(reason: str) -> None:
    account = make_user()

    with pytest.raises(OrderRejected, match="reason"):
        services.suspend(account=account, by=make_user(), reason=reason)

    assert not Suspension.objects.exists()


def test_database_refuses_a_second_trade_of_an_ask_and_of_a_bid() -> None:
    ask = make_ask(make_variant(), 1_000, make_user())
    services.buy_now(variant_id=ask.variant_id, buyer=make_user(), seen_price_cents=1_000, idempotency_key=uuid4())

    with pytest.raises(IntegrityError, match="ask_id"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_trade (variant_id, source, ask_id, buyer_id, seller_id, price_cents, traded_at)"
            " SELECT variant_id, source, ask_id, buyer_id, seller_id, price_cents, traded_at FROM catalog_trade"
        )

    assert Order.objects.count() == 1
