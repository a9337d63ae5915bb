import random
import statistics
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog import book, conf
from catalog.book import BestPrices
from catalog.models import Ask, Bid, Drop, Trade, Variant
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product, make_variant

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rest_ask(variant: Variant, price_cents: int, *, seller: User | None = None, days: int | None = 3) -> Ask:
    now = conf.now()
    return Ask.objects.create(
        variant=variant,
        seller=seller,
        price_cents=price_cents,
        placed_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )


def rest_bid(variant: Variant, price_cents: int, *, buyer: User, days: int = 3) -> Bid:
    now = conf.now()
    return Bid.objects.create(
        variant=variant, buyer=buyer, price_cents=price_cents, placed_at=now, expires_at=now + timedelta(days=days)
    )


def past_sale(variant: Variant, price_cents: int, at: datetime = NOON) -> Trade:
    return Trade.objects.create(variant=variant, source=Trade.Source.SIMULATION, price_cents=price_cents, traded_at=at)


def test_levels_count_pieces_by_price_best_first_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    variant, buyer = make_variant(), make_user()
    for price_cents in (13_000, 12_000, 12_000):
        rest_ask(variant, price_cents)
    for price_cents in (9_000, 11_000, 9_000, 9_000):
        rest_bid(variant, price_cents, buyer=buyer)

    with django_assert_num_queries(1):
        found = book.levels(variant.pk)

    assert [(level.price_cents, level.n_pieces) for level in found.asks] == [(12_000, 2), (13_000, 1)]
    assert [(level.price_cents, level.n_pieces) for level in found.bids] == [(11_000, 1), (9_000, 3)]


def test_levels_of_many_sizes_name_each_size_and_keep_the_best() -> None:
    product = make_product()
    small, large, other = make_variant(product, "9"), make_variant(product, "10"), make_variant()
    rest_ask(small, 12_000)
    rest_ask(large, 11_000)
    rest_ask(large, 15_000)
    rest_ask(other, 1_000)

    found = book.levels(small.pk, large.pk, k=2)

    assert [(level.variant_id, level.price_cents) for level in found.asks] == [(large.pk, 11_000), (small.pk, 12_000)]


def test_levels_leave_out_what_cannot_trade() -> None:
    variant, drop_variant, buyer = make_variant(), make_variant(), make_user()
    rest_ask(variant, 10_000, days=-1)
    rest_bid(variant, 9_000, buyer=buyer, days=-1)
    cancelled = rest_bid(variant, 9_500, buyer=buyer)
    Bid.objects.filter(pk=cancelled.pk).update(status=Bid.Status.CANCELLED)
    opening = Drop.objects.create(
        product=drop_variant.product, opens_at=conf.now() + timedelta(hours=1), price_cents=8_000
    )
    stock = rest_ask(drop_variant, 8_000, days=None)
    Ask.objects.filter(pk=stock.pk).update(drop=opening)

    before = book.levels(variant.pk, drop_variant.pk)
    Drop.objects.update(opens_at=conf.now())
    after = book.levels(variant.pk, drop_variant.pk)

    assert before == book.Book((), ())
    assert [level.price_cents for level in after.asks] == [8_000]


def test_levels_of_no_size_are_empty_without_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        found = book.levels()

    assert found == book.Book((), ())


def test_best_prices_are_those_of_others() -> None:
    variant, me, other = make_variant(), make_user(), make_user()
    rest_ask(variant, 10_000, seller=me)
    rest_ask(variant, 12_000, seller=other)
    rest_ask(variant, 12_500)
    rest_bid(variant, 9_000, buyer=me)
    rest_bid(variant, 8_000, buyer=other)

    assert book.best_prices(variant.pk, not_by=me.pk) == BestPrices(12_000, 8_000, None)
    assert book.best_prices(variant.pk, not_by=other.pk) == BestPrices(10_000, 9_000, None)
    assert book.best_prices(make_variant().pk, not_by=me.pk) == BestPrices(None, None, None)


def test_last_sales_are_the_newest_of_the_product_or_of_one_size() -> None:
    product = make_product()
    small, large = make_variant(product, "9"), make_variant(product, "10")
    for hour, variant in enumerate((small, large, small)):
        past_sale(variant, 10_000 + hour, NOON + timedelta(hours=hour))

    of_product, of_size = book.last_sales(product, 2), book.last_sales(small)

    assert [(sale.size, sale.price_cents) for sale in of_product] == [("9", 10_002), ("10", 10_001)]
    assert [sale.price_cents for sale in of_size] == [10_002, 10_000]


def test_price_history_agrees_with_plain_arithmetic(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    variant, rng = make_variant(), random.Random(7)
    paid: dict[date, list[int]] = {}
    for _ in range(120):
        at = NOON + timedelta(days=rng.randrange(9), hours=rng.randrange(-11, 11))
        price_cents = rng.randrange(5_000, 20_000)
        paid.setdefault(at.date(), []).append(price_cents)
        past_sale(variant, price_cents, at)

    with django_assert_num_queries(1):
        found = book.price_history(variant)

    assert [point.day for point in found] == sorted(paid)
    for point in found:
        prices = paid[point.day]
        assert (point.low_cents, point.high_cents, point.n_sales) == (min(prices), max(prices), len(prices))
        assert point.median_cents == statistics.median_low(prices)


def test_price_history_since_a_day_begins_at_its_midnight_in_utc() -> None:
    variant = make_variant()
    past_sale(variant, 1_000, datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    past_sale(variant, 2_000, datetime(2026, 3, 2, 0, 0, tzinfo=UTC))

    found = book.price_history(variant.product, since=date(2026, 3, 2))

    assert [(point.day, point.median_cents) for point in found] == [(date(2026, 3, 2), 2_000)]


def test_price_history_reads_no_more_than_its_newest_sales(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = make_variant()
    for days in range(4):
        past_sale(variant, 1_000 + days, NOON + timedelta(days=days))
    monkeypatch.setattr(book, "MOST_TRADES", 2)

    found = book.price_history(variant)

    assert [point.median_cents for point in found] == [1_002, 1_003]
