from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from catalog import conf
from catalog.models import Ask, Quote
from catalog.services import buy_now, renew_quote
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant
from tests.fakes.clocks import StandingClock

pytestmark = pytest.mark.django_db


def test_quote_tells_the_lowest_open_ask_and_the_last_sale() -> None:
    variant = make_variant()
    for price_cents in (14_000, 12_000, 13_000):
        make_ask(variant, price_cents)
    buy_now(variant_id=variant.pk, buyer=make_user(), seen_price_cents=12_000, idempotency_key=uuid4())

    quote = Quote.objects.get(variant=variant)

    assert (quote.lowest_ask_cents, quote.last_sale_cents) == (13_000, 12_000)


def test_quote_leaves_out_expired_and_cancelled_asks() -> None:
    variant = make_variant()
    expiring = make_ask(variant, 9_000, expires_at=conf.now() + timedelta(days=1))
    cancelled = make_ask(variant, 10_000)
    make_ask(variant, 11_000)
    Ask.objects.filter(pk=expiring.pk).update(expires_at=conf.now() - timedelta(seconds=1))
    Ask.objects.filter(pk=cancelled.pk).update(status=Ask.Status.CANCELLED)

    renew_quote(variant_id=variant.pk)

    assert Quote.objects.get(variant=variant).lowest_ask_cents == 11_000


def test_quote_of_an_empty_book_has_no_prices() -> None:
    variant = make_variant()
    quote = Quote.objects.create(variant=variant, highest_bid_cents=8_000, updated_at=conf.now())

    renew_quote(variant_id=variant.pk)

    quote.refresh_from_db()

    assert (quote.lowest_ask_cents, quote.last_sale_cents, quote.highest_bid_cents) == (None, None, None)


def test_quote_tells_of_no_bid_that_ran_out_once_an_order_comes(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    variant = make_variant()
    make_bid(variant, 900, expires_in_days=1)
    clock.moment += timedelta(days=1)

    make_bid(variant, 800, expires_in_days=3)

    assert Quote.objects.get(variant=variant).highest_bid_cents == 800


def test_quote_stays_as_it_is_when_an_order_stands_behind_others(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    variant = make_variant()
    make_bid(variant, 900)
    before = Quote.objects.get(variant=variant)
    clock.moment += timedelta(seconds=1)

    make_bid(variant, 900)
    make_ask(variant, 1_000, make_user())
    make_ask(variant, 1_100, make_user())

    after = Quote.objects.get(variant=variant)
    assert (before.highest_bid_cents, before.updated_at) == (900, clock.moment - timedelta(seconds=1))
    assert (after.highest_bid_cents, after.lowest_ask_cents, after.updated_at) == (900, 1_000, clock.moment)


def test_quote_tells_the_sale_that_came_last_though_another_got_the_book_later(settings: Settings) -> None:
    settings.CLOCK = clock = StandingClock(conf.now())
    variant = make_variant()
    for price_cents in (700, 800):
        make_ask(variant, price_cents)
    buy_now(variant_id=variant.pk, buyer=make_user(), seen_price_cents=700, idempotency_key=uuid4())

    clock.moment -= timedelta(seconds=1)
    buy_now(variant_id=variant.pk, buyer=make_user(), seen_price_cents=800, idempotency_key=uuid4())

    quote = Quote.objects.get(variant=variant)
    assert (quote.last_sale_cents, quote.last_sold_at) == (700, clock.moment + timedelta(seconds=1))
