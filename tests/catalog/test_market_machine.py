"""Random commands, one by one: the database answers as the pure model does, and every rule holds after each."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import hypothesis.strategies as st
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.pq import TransactionStatus

from catalog import conf, services
from catalog.limits import EXPIRY_DAYS
from catalog.matching import Book, Side, Standing
from catalog.models import Ask, Bid, Drop, DropSize, Quote, Trade, Variant
from tests.catalog.market_faults import find_faults, plan_anew
from tests.catalog.market_model import Asked, MarketModel
from tests.catalog.market_sending import send
from tests.factories.accounts import make_user
from tests.factories.catalog import make_product, make_variant
from tests.fakes.clocks import StandingClock

PRICES = st.integers(1, 9).map(lambda number: number * 100)
SIZES = st.integers(0, 2)
ACCOUNTS = st.integers(0, 3)
DAYS = st.sampled_from(EXPIRY_DAYS)
HOUSE_CENTS, DROP_CENTS = 600, 400


class Market(RuleBasedStateMachine):
    """Three sizes (plain, sold by the house, of a drop), four accounts, ten prices, and a clock that tests move."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.clock = StandingClock(conf.now())
        self.clocked = override_settings(CLOCK=self.clock)
        self.clocked.enable()
        self.sent: list[Asked] = []

    @initialize()
    def open_the_market(self) -> None:
        plan_anew()
        self.accounts = [make_user() for _ in range(4)]
        sizes = [make_variant(), make_variant(make_product(house_price_cents=HOUSE_CENTS)), make_variant()]
        self.sizes: list[Variant] = sizes
        self.drop = Drop.objects.create(product=sizes[2].product, opens_at=self.clock.now(), price_cents=DROP_CENTS)
        DropSize.objects.create(drop=self.drop, variant=sizes[2], n_pieces=2)
        self.model = MarketModel(
            {
                sizes[0].pk: Book(),
                sizes[1].pk: Book(house_price_cents=HOUSE_CENTS),
                sizes[2].pk: Book(is_of_drop=True),
            },
            limits={self.drop.pk: 1},
        )

    def teardown(self) -> None:
        self.clocked.disable()
        try:
            # What the database itself refused has ended the transaction: nothing is left to check.
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def command(self, kind: str, account: int, target: int, price_cents: int = 0, days: int = 0) -> None:
        asked = Asked(kind, self.accounts[account].pk, target, UUID(int=len(self.sent)), price_cents, days)
        self.sent.append(asked)
        self.carry_out(asked)

    def carry_out(self, asked: Asked) -> None:
        expected = self.model.ask(asked, self.clock.now())
        account = next(one for one in self.accounts if one.pk == asked.account)
        n_before = Trade.objects.count()
        answer, order_id = send(asked, account)
        assert answer == expected, asked
        is_new = (asked.account, asked.key) not in self.model.kept
        assert Trade.objects.count() - n_before == (is_new and answer.traded_at_cents is not None)
        self.model.note(asked, self.clock.now(), answer, order_id)

    @rule(side=st.sampled_from(Side), account=ACCOUNTS, size=SIZES, price_cents=PRICES, days=DAYS)
    def place(self, side: Side, account: int, size: int, price_cents: int, days: int) -> None:
        self.command(f"place_{side}", account, self.sizes[size].pk, price_cents, days)

    @rule(kind=st.sampled_from(["buy_now", "sell_now"]), account=ACCOUNTS, size=SIZES, price_cents=PRICES)
    def take(self, kind: str, account: int, size: int, price_cents: int) -> None:
        self.command(kind, account, self.sizes[size].pk, price_cents)

    @rule(side=st.sampled_from(Side), account=ACCOUNTS, size=SIZES, price_cents=PRICES)
    def take_what_ran_out(self, side: Side, account: int, size: int, price_cents: int) -> None:
        """Before anybody has cleared it away, which chance alone hardly ever comes to."""
        self.place(side, account, size, price_cents, days=1)
        self.clock.moment += timedelta(days=1, microseconds=1)
        self.take("sell_now" if side is Side.BID else "buy_now", (account + 1) % 4, size, price_cents)

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data(), price_cents=PRICES, days=DAYS, is_own=st.sampled_from([True, True, True, False]))
    def edit(self, data: st.DataObject, price_cents: int, days: int, *, is_own: bool) -> None:
        side, order_id = data.draw(st.sampled_from(sorted(self.model.owners)))
        self.command(f"edit_{side}", self.owner(side, order_id, is_own=is_own), order_id, price_cents, days)

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data(), is_own=st.sampled_from([True, True, True, False]))
    def cancel(self, data: st.DataObject, *, is_own: bool) -> None:
        side, order_id = data.draw(st.sampled_from(sorted(self.model.owners)))
        self.command(f"cancel_{side}", self.owner(side, order_id, is_own=is_own), order_id)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), is_other=st.booleans())
    def repeat(self, data: st.DataObject, *, is_other: bool) -> None:
        asked = data.draw(st.sampled_from(self.sent))
        if is_other:
            kind = "place_bid" if asked.kind != "place_bid" else "place_ask"
            asked = Asked(kind, asked.account, self.sizes[0].pk, asked.key, 50, 1)
        self.carry_out(asked)

    @rule(hours=st.sampled_from([0, 1, 24, 96]))
    def wait(self, hours: int) -> None:
        self.clock.moment += timedelta(hours=hours, microseconds=1)

    @rule()
    def expire(self) -> None:
        n_over = self.model.expire(self.clock.now())
        assert services.expire_orders() == n_over
        for quote in Quote.objects.filter(variant__in=self.sizes):
            ask, bid = (self.model.books[quote.pk].best(side, self.clock.now()) for side in (Side.ASK, Side.BID))
            assert quote.lowest_ask_cents == (ask.price_cents if ask else None)
            assert quote.highest_bid_cents == (bid.price_cents if bid else None)

    @rule(account=ACCOUNTS)
    def suspend(self, account: int) -> None:
        services.suspend(account=self.accounts[account], by=self.accounts[0], reason="It sold what it did not have.")
        self.model.suspend(self.accounts[account].pk)

    @precondition(lambda self: self.model.suspended)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from(sorted(self.model.suspended)))
        assert services.lift_suspension(account=next(one for one in self.accounts if one.pk == account))
        self.model.suspended.remove(account)

    @rule()
    def restock(self) -> None:
        size = self.sizes[2].pk
        sold = self.model.stock(size, DROP_CENTS, self.drop.pk, self.clock.now())
        n_standing = services.stock_house_asks(
            variant_id=size, n_pieces=1, price_cents=DROP_CENTS, drop_id=self.drop.pk
        )
        assert n_standing == (sold is None)
        piece = Ask.objects.filter(drop=self.drop).latest("pk")
        if sold is None:
            self.model.note_stock(
                size, Standing(piece.pk, Side.ASK, None, DROP_CENTS, piece.placed_at, None, self.drop.pk)
            )
        else:
            assert (piece.trade.bid_id, piece.trade.price_cents) == sold

    @invariant()
    def keeps_the_books_of_the_model(self) -> None:
        now = self.clock.now()
        expected = {order for book in self.model.books.values() for order in book.standing if order.is_open(now)}
        sizes = [size.pk for size in self.sizes]
        bids = Bid.objects.filter(variant_id__in=sizes, status="open", expires_at__gt=now)
        asks = Ask.objects.filter(variant_id__in=sizes, status="open").exclude(expires_at__lte=now)
        found = {Standing(b.pk, Side.BID, b.buyer_id, b.price_cents, b.placed_at, b.expires_at) for b in bids} | {
            Standing(a.pk, Side.ASK, a.seller_id, a.price_cents, a.placed_at, a.expires_at, a.drop_id) for a in asks
        }
        assert found == expected

    @invariant()
    def breaks_no_rule(self) -> None:
        assert find_faults(self.clock.now()) == {}

    def owner(self, side: Side, order_id: int, *, is_own: bool) -> int:
        _, owner = self.model.owners[side, order_id]
        place = [account.pk for account in self.accounts].index(owner)
        return place if is_own else (place + 1) % len(self.accounts)


# The rarest of them shows in one of a hundred examples, and the first one ends it.
MOST_TO_FIND_A_FAULT = 2_000


def run(n_examples: int, n_steps: int, *, is_random: bool = False, phases: Sequence[Phase] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        Market,
        settings=settings(
            max_examples=n_examples,
            stateful_step_count=n_steps,
            deadline=None,
            database=None,
            derandomize=not is_random,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_market_answers_as_its_specification_whatever_is_asked() -> None:
    run(200, 50)


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize("batch", range(25))  # A transaction each, or its dead rows would slow the last of 5,000 down.
def test_market_answers_as_its_specification_for_long(batch: int) -> None:
    run(200, 100, is_random=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        pytest.param("market_best_ask", "seller_id IS DISTINCT FROM who", "true", marks=pytest.mark.soak),
        ("market_best_ask", "price_cents, placed_at, id LIMIT", "price_cents, placed_at DESC, id LIMIT"),
        ("market_best_bid", "expires_at > moment", "true"),
        ("market_sell", "best.price_cents < seen", "false"),
        ("market_ask", "best.price_cents, 'seller'", "at_price, 'seller'"),
        ("market_has_enough", ">= (", "> ("),
        ("market_command", "account_id = who AND ended_at IS NULL", "false"),
        ("market_change", "PERFORM market_quote(size_id, moment);", ""),
    ],
)
def test_market_with_a_planted_fault_is_told_from_its_specification(function: str, right: str, wrong: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function])
        text = cursor.fetchone()[0]
        assert right in text
        cursor.execute(text.replace(right, wrong))

    # The database's own rules may be the first to notice.
    with pytest.raises((AssertionError, IntegrityError, ExceptionGroup)):
        run(MOST_TO_FIND_A_FAULT, 50, phases=[Phase.generate])
