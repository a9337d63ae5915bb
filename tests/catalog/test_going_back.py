import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from catalog import conf, services
from catalog.exceptions import OrderRefused
from catalog.models import Ask, Bid, MarketCommand, Order, Trade, Variant
from tests.catalog.market_faults import find_faults
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_variant
from tests.factories.orders import make_house_order, make_order
from tests.wire_server import url_of

OLD = "0023"
# What a table, a type or a function of the market is, in words that two databases have in common.
SCHEMA = """
WITH market AS (SELECT oid, relname FROM pg_class WHERE relname LIKE 'catalog\\_%' AND relkind = 'r')
SELECT 'column', relname || '.' || attname, concat(format_type(atttypid, atttypmod), attnotnull, attidentity)
  FROM pg_attribute JOIN market ON attrelid = market.oid WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'options', relname, coalesce(reloptions::text, '') FROM pg_class JOIN market USING (oid, relname)
UNION ALL SELECT 'rule', relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
  FROM pg_constraint JOIN market ON conrelid = market.oid
UNION ALL SELECT 'domain', typname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
  FROM pg_constraint JOIN pg_type ON contypid = pg_type.oid
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'catalog\\_%'
UNION ALL SELECT 'trigger', relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid)
  FROM pg_trigger JOIN market ON tgrelid = market.oid WHERE NOT tgisinternal
UNION ALL SELECT 'function', oid::regprocedure::text, pg_get_functiondef(oid)
  FROM pg_proc WHERE proname LIKE 'market\\_%' OR proname LIKE 'catalog\\_%'
"""


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The default connection in a database of this test's own, without a table."""
    name, of_tests = f"back_{uuid.uuid4().hex[:12]}", connection.settings_dict["NAME"]
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin, django_db_blocker.unblock():
        admin.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = of_tests
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def move_to(*name: str) -> None:
    """To that migration or the newest; as with a stopped shop nobody keeps a statement that was prepared before."""
    call_command("migrate", "catalog", *name, verbosity=0)
    connection.close()


def read_schema() -> set[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return set(cursor.fetchall())


def trade_a_little() -> Variant:
    """Orders at every stage, and a book that stands; its size."""
    for status in ("matched", "paid", "shipped", "completed", "cancelled"):
        make_order(status)
    make_house_order("paid")
    size = make_variant()
    make_ask(size, 12_000, make_user())
    make_ask(size, 13_000)
    make_ask(size, 14_000)
    make_bid(size, 9_000)
    make_bid(size, 10_000, expires_in_days=1)
    return size


def walk_the_book(size: Variant) -> list[int]:
    """Best prices first, whoever asks them: one bid and one ask are met, one of each comes; the prices paid."""
    buyer, seller = make_user(), make_user()
    key = uuid.uuid4()
    lowest = Ask.objects.filter(variant=size, status="open").earliest("price_cents").price_cents
    highest = Bid.objects.filter(variant=size, status="open").latest("price_cents").price_cents
    bought = services.buy_now(variant_id=size.pk, buyer=buyer, seen_price_cents=lowest, idempotency_key=key)
    again = services.buy_now(variant_id=size.pk, buyer=buyer, seen_price_cents=lowest, idempotency_key=key)
    assert again == bought
    sold = services.place_ask(
        variant_id=size.pk, seller=seller, price_cents=highest - 500, expires_in_days=1, idempotency_key=uuid.uuid4()
    )
    bid, ask = make_bid(size, 9_500, buyer), make_ask(size, 12_500, seller)
    services.edit_bid(bid_id=bid.pk, buyer=buyer, price_cents=9_700, expires_in_days=3, idempotency_key=uuid.uuid4())
    with pytest.raises(OrderRefused, match="your own"):
        make_bid(size, 12_500, seller)
    services.cancel_ask(ask_id=ask.pk, seller=seller, idempotency_key=uuid.uuid4())
    services.suspend(account=seller, by=buyer, reason="They never send.")
    services.expire_orders()
    return [bought.price_cents, sold.price_cents]


def count_rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Bid, Ask, Trade, Order, MarketCommand))


def leave_a_command_behind() -> None:
    """Of an account that was deleted while it sent one."""
    make_bid(make_variant())
    MarketCommand.objects.filter(pk=MarketCommand.objects.latest("pk").pk).update(account_id=2**40)


def test_market_goes_back_to_its_old_functions_and_forward_again(empty_database: None) -> None:
    move_to(OLD)
    schema_of_old = read_schema()
    move_to()
    schema_of_new = read_schema()
    call_command("migrate", "accounts", verbosity=0)
    size = trade_a_little()
    paid = [walk_the_book(size)]
    leave_a_command_behind()
    n_rows = count_rows()

    move_to(OLD)
    changed_back, n_rows_back, broken_back = read_schema() ^ schema_of_old, count_rows(), find_faults(conf.now())
    paid.append(walk_the_book(size))
    broken_traded = find_faults(conf.now())
    move_to()
    paid.append(walk_the_book(size))

    assert changed_back == set()
    assert read_schema() ^ schema_of_new == set()
    # A foreign key has no place for the command of nobody.
    assert n_rows_back == (*n_rows[:-1], n_rows[-1] - 1)
    assert (broken_back, broken_traded, find_faults(conf.now())) == ({}, {}, {})
    assert paid == [[12_000, 10_000], [13_000, 9_700], [14_000, 9_700]]
