from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import DataError, OperationalError, connection, transaction
from psycopg.types.numeric import Int4, Int8

from catalog.calling import call_market
from catalog.market import told_fees
from catalog.models import Bid, MarketCommand
from tests.factories.accounts import make_user
from tests.factories.catalog import make_variant

MOMENT = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)


def bid(*, price_cents: int = 900, kind: str = "place_bid") -> str:
    told: str = call_market(
        "market_command",
        kind,
        Int8(make_user().pk),
        uuid4(),
        b"\0what was asked",
        Int8(make_variant().pk),
        Int4(price_cents),
        MOMENT,
        MOMENT,
        told_fees(),
    )
    return told


@pytest.mark.django_db
@pytest.mark.parametrize("is_logged", [True, False])
def test_call_hands_over_every_kind_of_value_as_it_is(*, is_logged: bool) -> None:
    connection.force_debug_cursor = is_logged

    told = bid(price_cents=2**31 - 1)

    connection.force_debug_cursor = False
    placed, command = Bid.objects.get(), MarketCommand.objects.get()
    assert (placed.price_cents, placed.placed_at, placed.expires_at) == (2**31 - 1, MOMENT, MOMENT)
    assert (command.kind, bytes(command.fingerprint), command.outcome["bid"]) == (
        "place_bid",
        b"\0what was asked",
        placed.pk,
    )
    assert f'"bid": {placed.pk}' in told


@pytest.mark.django_db
def test_call_returns_a_whole_number_where_the_function_does() -> None:
    assert call_market("market_expire", Int8(make_variant().pk), MOMENT) == 0


@pytest.mark.django_db(transaction=True)
def test_call_that_begins_a_transaction_is_undone_with_it() -> None:
    with transaction.atomic():
        bid()
        transaction.set_rollback(True)

    assert not Bid.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_call_that_fails_leaves_nothing_and_the_next_is_carried_out() -> None:
    with pytest.raises(DataError):
        bid(kind="a kind that its column does not hold")

    bid()

    assert Bid.objects.count() == MarketCommand.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_call_on_a_lost_connection_says_so_and_the_next_has_a_new_one() -> None:
    bid()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        lost = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost])
    other.close()

    with pytest.raises(OperationalError):
        bid()
    connection.close_if_unusable_or_obsolete()
    bid()

    assert Bid.objects.count() == 2


@pytest.mark.django_db
def test_call_goes_through_a_cursor_where_the_driver_drops_prepared_statements() -> None:
    bid()
    connection.connection.prepare_threshold = 0
    try:
        with connection.cursor() as cursor:
            for _ in range(2):
                cursor.execute("SELECT 1")
            cursor.execute("SAVEPOINT here")
            cursor.execute("ROLLBACK TO SAVEPOINT here")
        bid()
    finally:
        connection.connection.prepare_threshold = None

    assert Bid.objects.count() == 2
