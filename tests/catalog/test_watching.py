from typing import Any
from uuid import uuid4

import pytest

from catalog import watching
from catalog.exceptions import WatchlistFull
from catalog.models import Product, Watch
from catalog.services import buy_now
from catalog.watching import as_watched, is_watching, unwatch, watch, watchlist
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_product, make_product_for_sale, make_variant

pytestmark = pytest.mark.django_db


def listed(account: User) -> list[tuple[str, int | None, int | None, int]]:
    rows = map(as_watched, watchlist(account))
    return [(row.product.sku, row.then_cents, row.now_cents, row.drop_cents) for row in rows]


def test_watch_keeps_the_price_of_the_moment_and_marks_what_fell() -> None:
    account, product = make_user(), make_product_for_sale(price_cents=12_000)
    watch(account=account, product_id=product.pk)

    make_ask(product.variants.get(), 10_500)

    assert listed(account) == [(product.sku, 12_000, 10_500, 1_500)]


def test_a_price_that_rose_is_no_drop() -> None:
    account, product = make_user(), make_product_for_sale(price_cents=12_000)
    make_ask(product.variants.get(), 15_000)
    watch(account=account, product_id=product.pk)

    buy_now(variant_id=product.variants.get().pk, buyer=make_user(), seen_price_cents=12_000, idempotency_key=uuid4())

    assert listed(account) == [(product.sku, 12_000, 15_000, 0)]


def test_watch_takes_the_lowest_of_all_sizes_or_the_houses_price() -> None:
    account, of_house = make_user(), make_product(house_price_cents=9_900)
    product = make_product_for_sale(price_cents=12_000)
    make_ask(make_variant(product, "10"), 11_000)

    for each in (of_house, product):
        watch(account=account, product_id=each.pk)

    assert [(then, now) for _, then, now, _ in listed(account)] == [(11_000, 11_000), (9_900, 9_900)]


def test_what_nobody_asked_for_is_newly_for_sale_once_somebody_does() -> None:
    account, variant = make_user(), make_variant()
    watch(account=account, product_id=variant.product_id)
    before = as_watched(watchlist(account).get())

    make_ask(variant, 7_000)

    assert (before.now_cents, before.is_newly_for_sale) == (None, False)
    assert as_watched(watchlist(account).get()).is_newly_for_sale


def test_watch_again_keeps_the_first_price() -> None:
    account, product = make_user(), make_product_for_sale(price_cents=12_000)
    first = watch(account=account, product_id=product.pk)
    make_ask(product.variants.get(), 9_000)

    again = watch(account=account, product_id=product.pk)

    assert (first, again) == (True, False)
    assert Watch.objects.get().price_cents == 12_000


def test_unwatch_takes_off_only_ones_own() -> None:
    mine, theirs, product = make_user(), make_user(), make_product()
    for account in (mine, theirs):
        watch(account=account, product_id=product.pk)

    first, again = unwatch(account=mine, product_id=product.pk), unwatch(account=mine, product_id=product.pk)

    assert (first, again) == (True, False)
    assert not is_watching(mine, product.pk)
    assert is_watching(theirs, product.pk)


def test_watchlist_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_WATCHED", 2)
    account = make_user()
    for product in (make_product(), make_product()):
        watch(account=account, product_id=product.pk)

    with pytest.raises(WatchlistFull, match="remove one first"):
        watch(account=account, product_id=make_product().pk)

    assert Watch.objects.count() == 2


def test_watchlist_shows_the_latest_first_in_one_query(django_assert_num_queries: Any) -> None:
    account, first, second = make_user(), make_product_for_sale(), make_product_for_sale()
    off_the_shelf = make_product()
    for product in (first, off_the_shelf, second):
        watch(account=account, product_id=product.pk)
    Product.objects.filter(pk=off_the_shelf.pk).update(is_listed=False)

    with django_assert_num_queries(1):
        rows = [as_watched(row) for row in watchlist(account)]
        names = [(row.product.brand.name, row.product.category.slug) for row in rows]

    assert [row.product for row in rows] == [second, first]
    assert len(names) == 2
