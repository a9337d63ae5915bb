from datetime import timedelta
from uuid import uuid4

import pytest

from catalog import conf
from catalog.models import Ask, Quote
from catalog.quotes import refresh_quote
from catalog.services import buy_now
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant

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

    quote = refresh_quote(variant.pk)

    assert quote.lowest_ask_cents == 11_000


def test_quote_of_an_empty_book_has_no_prices() -> None:
    variant = make_variant()
    Quote.objects.create(variant=variant, highest_bid_cents=8_000, updated_at=conf.now())

    quote = refresh_quote(variant.pk)
    quote.refresh_from_db()

    assert (quote.lowest_ask_cents, quote.last_sale_cents, quote.highest_bid_cents) == (None, None, None)
