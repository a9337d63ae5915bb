import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from psycopg.types.numeric import Int8
from pytest_django import Settings

from catalog import conf
from catalog.calling import call_market
from catalog.dropping import announce, drop_of, opening_of, reschedule, restock, stock_of, stocks_of
from catalog.exceptions import DropNotOpen, DropRefused, LimitReached, SoldOut
from catalog.models import Ask, Drop, Product, Quote, Trade, Variant
from catalog.services import buy_now, place_bid
from storefront.accounts.models import User
from tests.catalog.market_threads import at_once
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_product, make_product_for_sale, make_variant
from tests.factories.drops import make_announced, set_clock

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=1)


def variant_of(drop: Drop) -> int:
    return drop.sizes.values_list("variant_id", flat=True)[0]


def buy(drop: Drop, buyer: User | None = None) -> Any:
    return buy_now(
        variant_id=variant_of(drop),
        buyer=buyer or make_user(),
        seen_price_cents=drop.price_cents,
        idempotency_key=uuid4(),
    )


def test_announce_puts_the_stock_into_the_book_as_the_houses() -> None:
    drop = make_announced(n_pieces=3, sizes=("8", "9"), price_cents=18_000)

    asks = Ask.objects.filter(drop=drop)

    assert asks.count() == 6
    assert not asks.exclude(seller=None, price_cents=18_000, expires_at=None).exists()
    assert [size.n_left for size in stock_of(drop).sizes] == [3, 3]
    assert drop.product.released_on == drop.opens_at.date()
    assert set(Quote.objects.values_list("lowest_ask_cents", flat=True)) == {18_000}


def test_a_drop_is_upcoming_and_unsold_until_the_second_it_opens(settings: Settings, tmp_path: Path) -> None:
    drop = make_announced(opens_in=timedelta(seconds=40))

    with pytest.raises(DropNotOpen):
        buy(drop)

    assert list(Product.objects.upcoming()) == [drop.product]
    assert not Product.objects.listed().exists()
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    assert list(Product.objects.available()) == [drop.product]
    assert not Product.objects.upcoming().exists()
    assert buy(drop).trade_id is not None


def test_upcoming_orders_drops_of_one_day_by_their_hour() -> None:
    later = make_announced(opens_in=timedelta(minutes=30))
    sooner = make_announced(opens_in=timedelta(minutes=10))

    upcoming = list(Product.objects.upcoming())

    assert upcoming == [sooner.product, later.product]


def test_an_account_gets_no_more_than_its_pieces(settings: Settings, tmp_path: Path) -> None:
    drop, buyer = make_announced(limit_per_account=2, n_pieces=5), make_user()
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    buy(drop, buyer)
    buy(drop, buyer)

    with pytest.raises(LimitReached):
        buy(drop, buyer)

    assert Trade.objects.filter(buyer=buyer).count() == 2
    assert stock_of(drop).n_left == 3


def test_the_last_piece_is_followed_by_sold_out_and_then_by_other_asks(settings: Settings, tmp_path: Path) -> None:
    drop = make_announced(n_pieces=1)
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    buy(drop)

    with pytest.raises(SoldOut):
        buy(drop)

    assert stock_of(drop).is_sold_out
    make_ask(drop.sizes.get().variant, 17_000, make_user())
    assert buy(drop).price_cents == 17_000


def test_restock_adds_pieces_and_new_sizes(settings: Settings, tmp_path: Path) -> None:
    drop = make_announced(n_pieces=1)
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    buy(drop)
    other = make_variant(drop.product, "10", position=5)

    restock(drop_id=drop.pk, pieces={variant_of(drop): 2, other.pk: 4})

    stock = stock_of(drop)
    assert [(size.size, size.n_pieces, size.n_left) for size in stock.sizes] == [("9", 3, 2), ("10", 4, 4)]
    assert (stock.n_pieces, stock.n_left, stock.is_sold_out) == (7, 6, False)


def test_restock_serves_the_bids_that_waited(settings: Settings, tmp_path: Path) -> None:
    drop, buyer = make_announced(n_pieces=1), make_user()
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    buy(drop)
    place_bid(variant_id=variant_of(drop), buyer=buyer, price_cents=19_000, expires_in_days=7, idempotency_key=uuid4())

    restock(drop_id=drop.pk, pieces={variant_of(drop): 2})

    assert Trade.objects.get(buyer=buyer).price_cents == 19_000
    assert stock_of(drop).n_left == 1


def test_reschedule_moves_the_opening_and_the_day() -> None:
    drop, later = make_announced(), conf.now() + timedelta(days=9)

    reschedule(drop_id=drop.pk, opens_at=later)

    drop.product.refresh_from_db()
    assert drop.product.released_on == later.date()
    assert opening_of(Product.objects.get()) > conf.now() + timedelta(days=8)


def test_reschedule_leaves_alone_what_is_open(settings: Settings, tmp_path: Path) -> None:
    drop = make_announced()
    set_clock(settings, tmp_path, drop.opens_at + SOON)

    with pytest.raises(DropRefused, match="open already"):
        reschedule(drop_id=drop.pk, opens_at=conf.now() + timedelta(days=9))

    assert Product.objects.listed().count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"opens_in": timedelta(seconds=-1)}, "opens_at == .* must be after now"),
        ({"price_cents": 0}, "price_cents == 0"),
        ({"limit_per_account": 0}, "limit_per_account == 0"),
        ({"n_pieces": 0}, "pieces: 0 of size 9"),
        ({"n_pieces": 10_001}, "pieces: 10001 of size 9"),
        ({"sizes": ()}, "at least one size"),
    ],
)
def test_announce_names_what_is_wrong_and_announces_nothing(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DropRefused, match=said):
        make_announced(**changed)

    assert not Drop.objects.exists()
    assert not Ask.objects.exists()


def test_announce_refuses_what_is_on_the_market_already() -> None:
    asked, dropped = make_product_for_sale(), make_announced()
    given: dict[str, Any] = {"opens_at": conf.now() + timedelta(days=1), "price_cents": 100}

    with pytest.raises(DropRefused, match="bids or asks stand"):
        announce(product_id=asked.pk, pieces={asked.variants.get().pk: 1}, **given)
    with pytest.raises(DropRefused, match="has a drop already"):
        announce(product_id=dropped.product_id, pieces={variant_of(dropped): 1}, **given)
    with pytest.raises(DropRefused, match="there is no product"):
        announce(product_id=0, pieces={1: 1}, **given)

    assert Drop.objects.count() == 1


def test_announce_refuses_what_the_house_sells_without_end() -> None:
    product = make_product(house_price_cents=20_000)

    with pytest.raises(DropRefused, match="house_price_cents"):
        announce(
            product_id=product.pk,
            opens_at=conf.now() + timedelta(days=1),
            price_cents=18_000,
            pieces={make_variant(product).pk: 1},
        )

    assert not Drop.objects.exists()


def test_database_lets_no_house_price_add_to_a_drops_stock() -> None:
    drop, priced = make_announced(), make_product(house_price_cents=20_000)

    with pytest.raises(IntegrityError, match="sells no more than its stock"), transaction.atomic():
        Product.objects.filter(pk=drop.product_id).update(house_price_cents=20_000)
    with pytest.raises(IntegrityError, match="sells no more than its stock"), transaction.atomic():
        Drop.objects.create(product=priced, opens_at=conf.now(), price_cents=18_000)

    assert Drop.objects.count() == 1
    assert not Product.objects.filter(drop=drop, house_price_cents__isnull=False).exists()


def test_restock_names_more_pieces_than_a_size_may_have() -> None:
    drop = make_announced(n_pieces=10_000)

    for _ in range(2):
        restock(drop_id=drop.pk, pieces={variant_of(drop): 10_000})
    with pytest.raises(DropRefused, match=r"pieces: .* 30000"):
        restock(drop_id=drop.pk, pieces={variant_of(drop): 1})

    assert stock_of(drop).n_left == 30_000


@pytest.mark.django_db(transaction=True)
def test_restock_and_a_buyer_of_another_size_never_wait_for_each_other(settings: Settings, tmp_path: Path) -> None:
    drop, buyer = make_announced(n_pieces=1, sizes=("8", "9"), limit_per_account=5), make_user()
    set_clock(settings, tmp_path, drop.opens_at + SOON)
    first, second = drop.sizes.order_by("variant_id").values_list("variant_id", flat=True)
    buy(drop)
    make_bid(Variant.objects.get(pk=first), 19_000, buyer)
    is_held = threading.Event()

    def buy_the_other() -> int | None:
        with transaction.atomic():
            call_market("market_lock", Int8(second))
            is_held.set()
            wait_for_a_waiter()
            return buy_now(variant_id=second, buyer=buyer, seen_price_cents=18_000, idempotency_key=uuid4()).trade_id

    def restock_both() -> int | None:
        is_held.wait(30)
        restock(drop_id=drop.pk, pieces={first: 1, second: 1})
        return None

    at_once(buy_the_other, restock_both)

    assert Trade.objects.filter(buyer=buyer).count() == 2
    assert stock_of(drop).n_left == 1


@pytest.mark.django_db(transaction=True)
def test_announce_waits_for_a_bid_that_is_under_way_and_is_refused() -> None:
    variant, bidder = make_variant(), make_user()
    is_held = threading.Event()

    def bid() -> str:
        with transaction.atomic():
            call_market("market_lock", Int8(variant.pk))
            is_held.set()
            wait_for_a_waiter()
            make_bid(variant, 9_000, bidder)
        return "bid"

    def announce_meanwhile() -> str:
        is_held.wait(30)
        opens_at = conf.now() + timedelta(days=1)
        try:
            announce(product_id=variant.product_id, opens_at=opens_at, price_cents=18_000, pieces={variant.pk: 1})
        except DropRefused as refusal:
            return str(refusal)
        return "announced"

    _, told = at_once(bid, announce_meanwhile)

    assert "bids or asks stand in its books" in told
    assert not Drop.objects.exists()


def wait_for_a_waiter() -> None:
    """Until somebody waits for a lock of a book."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


def test_announce_refuses_another_products_size() -> None:
    product, other = make_product(), make_variant()

    with pytest.raises(DropRefused, match="no size of this product"):
        announce(
            product_id=product.pk,
            opens_at=conf.now() + timedelta(days=1),
            price_cents=100,
            pieces={other.pk: 1},
        )

    assert not Drop.objects.exists()


def test_stocks_of_reads_all_drops_in_one_query(django_assert_num_queries: Any) -> None:
    drops = [make_announced(n_pieces=number) for number in (1, 2, 3)]

    with django_assert_num_queries(1):
        stocks = stocks_of(drops)

    assert [stocks[drop.pk].n_left for drop in drops] == [1, 2, 3]


def test_a_product_without_a_drop_opens_with_its_day() -> None:
    product = make_product()

    opened = opening_of(product)

    assert drop_of(product) is None
    assert (opened.date(), opened.hour) == (product.released_on, 0)
