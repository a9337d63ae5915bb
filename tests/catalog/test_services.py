import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from django.db import connection
from pytest_django import Settings

from catalog import conf
from catalog.exceptions import (
    AskGone,
    CatalogError,
    DropNotOpen,
    IdempotencyKeyReused,
    OrderRejected,
    QuoteMoved,
    SelfTrade,
)
from catalog.models import Ask, Quote, Trade, Variant
from catalog.services import MAX_PRICE_CENTS, Placed, buy_now, place_ask
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_variant
from tests.fakes.clocks import StandingClock

ENOUGH_CENTS = 1_000_00


def buy(variant: Variant, buyer: User | None = None, seen_price_cents: int = ENOUGH_CENTS) -> Trade:
    placed = buy_now(
        variant_id=variant.pk,
        buyer=buyer or make_user(),
        seen_price_cents=seen_price_cents,
        idempotency_key=uuid4(),
    )
    return Trade.objects.get(pk=cast("int", placed.trade_id))


def offer(variant: Variant, seller: User, price_cents: int, expires_in_days: int = 30) -> Placed:
    return place_ask(
        variant_id=variant.pk,
        seller=seller,
        price_cents=price_cents,
        expires_in_days=expires_in_days,
        idempotency_key=uuid4(),
    )


@pytest.mark.django_db
def test_place_ask_opens_an_ask_and_moves_the_quote() -> None:
    variant, seller = make_variant(), make_user()

    placed = offer(variant, seller, 12_300)

    ask = Ask.objects.get(pk=cast("int", placed.ask_id))
    assert (ask.status, ask.seller_id, ask.price_cents) == (Ask.Status.OPEN, seller.pk, 12_300)
    assert Quote.objects.get(variant=variant).lowest_ask_cents == 12_300


@pytest.mark.django_db
@pytest.mark.parametrize("price_cents", [0, -1, MAX_PRICE_CENTS + 1])
def test_place_ask_refuses_a_price_out_of_range(price_cents: int) -> None:
    variant = make_variant()

    with pytest.raises(OrderRejected, match="price_cents"):
        offer(variant, make_user(), price_cents)

    assert not Ask.objects.exists()


@pytest.mark.django_db
def test_place_ask_refuses_other_expiries_than_those_on_offer() -> None:
    variant = make_variant()

    with pytest.raises(OrderRejected, match="expires_in_days == 2"):
        offer(variant, make_user(), 100, expires_in_days=2)

    assert not Ask.objects.exists()


@pytest.mark.django_db
def test_buy_now_takes_the_lowest_ask_then_the_earlier_one() -> None:
    variant = make_variant()
    make_ask(variant, 13_000)
    earlier, later = make_ask(variant, 12_000), make_ask(variant, 12_000)

    first, second = buy(variant), buy(variant)

    assert (first.ask_id, second.ask_id) == (earlier.pk, later.pk)
    assert (first.price_cents, second.price_cents) == (12_000, 12_000)


@pytest.mark.django_db
def test_buy_now_leaves_a_sold_ask_a_trade_and_a_fresh_quote() -> None:
    variant, buyer = make_variant(), make_user()
    ask = make_ask(variant, 12_000)

    trade = buy(variant, buyer)

    ask.refresh_from_db()
    quote = Quote.objects.get(variant=variant)
    assert ask.status == Ask.Status.SOLD
    assert (trade.ask_id, trade.buyer_id, trade.price_cents) == (ask.pk, buyer.pk, 12_000)
    assert (quote.lowest_ask_cents, quote.last_sale_cents) == (None, 12_000)


@pytest.mark.django_db
def test_buy_now_passes_over_expired_asks() -> None:
    variant = make_variant()
    gone = make_ask(variant, 9_000, expires_at=conf.now() + timedelta(days=1))
    Ask.objects.filter(pk=gone.pk).update(expires_at=conf.now())
    make_ask(variant, 12_000)

    trade = buy(variant)

    assert trade.price_cents == 12_000


@pytest.mark.django_db
def test_buy_now_refuses_a_worse_price_than_seen_and_charges_nothing() -> None:
    variant = make_variant()
    make_ask(variant, 12_000)

    with pytest.raises(QuoteMoved) as refused:
        buy(variant, seen_price_cents=11_999)

    assert (refused.value.seen_price_cents, refused.value.price_cents) == (11_999, 12_000)
    assert not Trade.objects.exists()
    assert Ask.objects.get().status == Ask.Status.OPEN


@pytest.mark.django_db
def test_buy_now_takes_a_better_price_than_seen() -> None:
    variant = make_variant()
    make_ask(variant, 10_000)

    trade = buy(variant, seen_price_cents=12_000)

    assert trade.price_cents == 10_000


@pytest.mark.django_db
def test_buy_now_passes_over_the_buyers_own_ask() -> None:
    variant, buyer = make_variant(), make_user()
    make_ask(variant, 9_000, seller=buyer)
    other = make_ask(variant, 12_000)

    trade = buy(variant, buyer)

    assert trade.ask_id == other.pk


@pytest.mark.django_db
def test_buy_now_refuses_to_trade_with_oneself() -> None:
    variant, buyer = make_variant(), make_user()
    make_ask(variant, 9_000, seller=buyer)

    with pytest.raises(SelfTrade):
        buy(variant, buyer)

    assert not Trade.objects.exists()


@pytest.mark.django_db
def test_buy_now_buys_from_the_house_where_nobody_asks() -> None:
    variant = make_variant(make_product(house_price_cents=255))

    trade = buy(variant, seen_price_cents=255)

    assert (trade.ask_id, trade.price_cents) == (None, 255)
    assert Quote.objects.get(variant=variant).last_sale_cents == 255


@pytest.mark.django_db
def test_buy_now_says_when_the_last_ask_is_gone() -> None:
    variant = make_variant()
    make_ask(variant, 12_000)
    buy(variant)

    with pytest.raises(AskGone):
        buy(variant)

    assert Trade.objects.count() == 1


@pytest.mark.django_db
def test_buy_now_refuses_what_is_delisted_or_unknown() -> None:
    variant = make_variant(make_product(is_listed=False))
    make_ask(variant, 12_000)

    with pytest.raises(OrderRejected, match="not listed"):
        buy(variant)
    with pytest.raises(OrderRejected, match="no such size"):
        buy_now(variant_id=0, buyer=make_user(), seen_price_cents=1, idempotency_key=uuid4())

    assert not Trade.objects.exists()


@pytest.mark.django_db
def test_buy_now_refuses_a_drop_until_its_day(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    product = make_product(released_on=clock.now().date() + timedelta(days=1))
    variant = make_variant(product)
    make_ask(variant, 12_000)

    with pytest.raises(DropNotOpen, match=f"drops on {product.released_on}"):
        buy(variant)
    product.released_on -= timedelta(days=1)
    product.save()

    assert buy(variant).price_cents == 12_000


@pytest.mark.django_db
def test_buy_now_repeated_with_its_key_buys_once() -> None:
    variant, buyer, key = make_variant(), make_user(), uuid4()
    make_ask(variant, 12_000)
    make_ask(variant, 12_000)

    first, again = (
        buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=key) for _ in range(2)
    )

    assert first == again
    assert Trade.objects.count() == 1


@pytest.mark.django_db
def test_buy_now_refuses_a_key_with_other_content() -> None:
    variant, other, buyer, key = make_variant(), make_variant(), make_user(), uuid4()
    make_ask(variant, 12_000)
    make_ask(other, 12_000)
    buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=key)

    with pytest.raises(IdempotencyKeyReused):
        buy_now(variant_id=other.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=key)

    assert Trade.objects.count() == 1


@pytest.mark.django_db
def test_buy_now_lets_two_buyers_use_equal_keys() -> None:
    variant, key = make_variant(), uuid4()
    make_ask(variant, 12_000)
    make_ask(variant, 12_000)

    for buyer in (make_user(), make_user()):
        buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=12_000, idempotency_key=key)

    assert Trade.objects.count() == 2


def in_threads(orders: list[tuple[int, User, UUID]], *, n_threads: int) -> Counter[str]:
    """Send every order at once from `n_threads` connections; count the outcomes by code."""
    start = threading.Barrier(n_threads)
    shares = [orders[place::n_threads] for place in range(n_threads)]

    def send(share: list[tuple[int, User, UUID]]) -> list[str]:
        start.wait(60)
        try:
            return [outcome(*order) for order in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(n_threads) as pool:
        return Counter(code for codes in pool.map(send, shares) for code in codes)


def outcome(variant_id: int, buyer: User, key: UUID) -> str:
    try:
        buy_now(variant_id=variant_id, buyer=buyer, seen_price_cents=ENOUGH_CENTS, idempotency_key=key)
    except CatalogError as error:
        return error.code
    return "bought"


@pytest.mark.django_db(transaction=True)
def test_buy_now_sells_each_ask_once_in_a_race_of_many_buyers() -> None:
    variant = make_variant()
    asks = [make_ask(variant, 10_000 + place) for place in range(20)]
    orders = [(variant.pk, make_user(), uuid4()) for _ in range(60)]

    outcomes = in_threads(orders, n_threads=8)

    sold = list(Trade.objects.values_list("ask_id", flat=True))
    assert outcomes == {"bought": 20, "ask_gone": 40}
    assert sorted(pk for pk in sold if pk) == sorted(ask.pk for ask in asks)
    assert set(Ask.objects.values_list("status", flat=True)) == {Ask.Status.SOLD}
    assert Quote.objects.get(variant=variant).lowest_ask_cents is None


@pytest.mark.django_db(transaction=True)
def test_buy_now_with_one_key_on_many_sizes_at_once_buys_once() -> None:
    variants = [make_variant() for _ in range(8)]
    for variant in variants:
        make_ask(variant, 10_000)
    buyer, key = make_user(), uuid4()

    outcomes = in_threads([(variant.pk, buyer, key) for variant in variants], n_threads=8)

    assert outcomes["bought"] == 1
    assert outcomes["idempotency_key_reused"] + outcomes["command_in_progress"] == 7
    assert Trade.objects.count() == 1
    assert Ask.objects.filter(status=Ask.Status.SOLD).count() == 1
