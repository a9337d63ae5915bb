"""Commands from many connections at once, and what must hold of the whole database after them."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from catalog import conf, services
from catalog.limits import EXPIRY_DAYS
from catalog.matching import Book, Side
from catalog.models import Ask, Bid, Drop, MarketCommand, Order, Trade
from storefront.accounts.models import User
from tests.catalog.market_faults import find_faults
from tests.catalog.market_model import Answer, Asked, MarketModel, answer_of
from tests.catalog.market_sending import send
from tests.catalog.market_threads import at_once
from tests.factories.accounts import make_user
from tests.factories.catalog import make_variant

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = (
    ("place_bid",) * 4
    + ("place_ask",) * 4
    + ("buy_now", "sell_now", "edit_bid", "edit_ask", "cancel_bid", "cancel_ask")
)


class Trader:
    """One thread: random commands of random accounts on few sizes, each with what was asked kept."""

    def __init__(self, seed: int, sizes: list[int], accounts: list[User]) -> None:
        self.rng = random.Random(seed)
        self.sizes, self.accounts = sizes, accounts
        self.mine: list[tuple[Side, int, User]] = []
        self.sent: list[Asked] = []

    def trade(self, n_commands: int) -> Counter[str]:
        return Counter(self._one() for _ in range(n_commands))

    def _one(self) -> str:
        rng = self.rng
        kind, account, target = rng.choice(KINDS), rng.choice(self.accounts), rng.choice(self.sizes)
        if kind.startswith(("edit", "cancel")):
            own = [one for one in self.mine if one[0] == kind[-3:]]
            if not own:
                return "nothing to change"
            _, target, account = rng.choice(own)
        key = UUID(int=rng.getrandbits(128))
        asked = Asked(kind, account.pk, target, key, rng.randrange(100, 2_000, 100), rng.choice(EXPIRY_DAYS))
        if rng.random() < 0.1 and self.sent:
            asked = rng.choice(self.sent)
            account = next(one for one in self.accounts if one.pk == asked.account)
        answer, order_id = send(asked, account)
        self.sent.append(asked)
        if order_id and asked.kind.startswith("place"):
            self.mine.append((asked.side, order_id, account))
        return answer.refused or ("traded" if answer.traded_at_cents else "done")


def replay(asked: dict[tuple[int, UUID], Asked], sizes: list[int]) -> list[str]:
    """Where the history, size by size in the order of its locks, differs from what the pure model makes of it."""
    model = MarketModel({size: Book() for size in sizes})
    wrong = []
    for row in MarketCommand.objects.order_by("id"):
        command = asked[row.account_id, row.idempotency_key]
        expected, found = model.ask(command, row.made_at), answer_of(command, row.outcome)
        if found != expected:
            wrong.append(f"{command}: {found}, expected {expected}")
        own = row.outcome.get("bid" if command.side is Side.BID else "ask")
        model.note(command, row.made_at, found, own)
    return wrong


def trade_in_threads(n_threads: int, n_commands: int) -> None:
    sizes = [make_variant().pk for _ in range(5)]
    accounts = [make_user() for _ in range(12)]
    traders = [Trader(seed, sizes, accounts) for seed in range(n_threads)]

    outcomes = sum(at_once(*(partial(trader.trade, n_commands) for trader in traders)), Counter[str]())

    asked = {(one.account, one.key): one for trader in traders for one in trader.sent}
    assert find_faults(conf.now()) == {}
    assert replay(asked, sizes) == []
    assert Trade.objects.count() == Order.objects.count() > n_threads * n_commands // 10
    assert {"self_trade", "quote_moved", "order_closed"} < set(outcomes)


def test_eight_threads_of_random_commands_break_no_rule() -> None:
    trade_in_threads(8, 500)


@pytest.mark.soak
def test_eight_threads_of_many_random_commands_break_no_rule() -> None:
    trade_in_threads(8, 5_000)


def race(n_books: int) -> None:
    """A bid and an ask that cross, at the same instant in each of many fresh books; three of each in every tenth."""
    sizes = [make_variant().pk for _ in range(n_books)]
    bidders, askers = ([make_user() for _ in range(3)] for _ in range(2))
    steps = threading.Barrier(2)

    def bid() -> None:
        for number, size in enumerate(sizes):
            steps.wait(60)
            for buyer in bidders[: 3 if number % 10 == 0 else 1]:
                send(Asked("place_bid", buyer.pk, size, uuid4(), 1_100, 7), buyer)

    def ask() -> None:
        for number, size in enumerate(sizes):
            steps.wait(60)
            for seller in askers[: 3 if number % 10 == 0 else 1]:
                send(Asked("place_ask", seller.pk, size, uuid4(), 1_000, 7), seller)

    at_once(bid, ask)


def test_bid_and_crossing_ask_at_the_same_instant_always_meet() -> None:
    n_books = 1_000

    race(n_books)

    assert Trade.objects.count() == n_books + 2 * len(range(0, n_books, 10))
    assert not Bid.objects.filter(status="open").exists()
    assert not Ask.objects.filter(status="open").exists()
    assert find_faults(conf.now()) == {}


@pytest.fixture
def no_lock() -> Iterator[None]:
    """The market without the lock of a size."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('market_lock'::regproc)")
        right = cursor.fetchone()[0]
        cursor.execute("CREATE OR REPLACE FUNCTION market_lock(size_id bigint) RETURNS void LANGUAGE sql AS ''")
        yield
        cursor.execute(right)


@pytest.mark.usefixtures("no_lock")
def test_books_stand_crossed_without_the_lock() -> None:
    race(200)

    assert "no book stands crossed" in find_faults(conf.now())


def test_twins_at_the_same_instant_have_one_effect_and_no_other_answer_than_conflict() -> None:
    variant, buyer = make_variant(), make_user()
    asked = [Asked("place_bid", buyer.pk, variant.pk, uuid4(), 1_000, 7) for _ in range(25)]

    answers = at_once(*(lambda: [send(one, buyer)[0] for one in asked] for _ in range(4)))

    assert {answer for found in answers for answer in found} <= {Answer(), Answer("command_in_progress")}
    assert Bid.objects.count() == len(asked) == MarketCommand.objects.count()


def test_command_does_not_wait_for_its_twin() -> None:
    variant, buyer = make_variant(), make_user()
    asked = Asked("place_bid", buyer.pk, variant.pk, uuid4(), 1_000, 7)
    is_sent, is_told = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            send(asked, buyer)
            is_sent.set()
            assert is_told.wait(30)

    def twin() -> None:
        assert is_sent.wait(30)
        try:
            assert send(asked, buyer) == (Answer("command_in_progress"), None)
        finally:
            is_told.set()

    at_once(first, twin)

    assert send(asked, buyer) == (Answer(), Bid.objects.get().pk)


def test_suspension_leaves_nothing_standing_of_an_account_that_bids_meanwhile() -> None:
    account, staff = make_user(), make_user()
    sizes, until = [make_variant() for _ in range(5)], time.monotonic() + 60

    def bid() -> Counter[str]:
        outcomes = Counter[str]()
        for size in cycle(sizes):
            asked = Asked("place_bid", account.pk, size.pk, uuid4(), 1_000, 7)
            outcomes[send(asked, account)[0].refused or "stands"] += 1
            # On and on: the other thread may wait for the processor.
            if outcomes["account_suspended"] == 5 or time.monotonic() > until:
                break
        return outcomes

    def suspend() -> Counter[str]:
        while Bid.objects.count() < 20:
            pass
        services.suspend(account=account, by=staff, reason="A test.")
        return Counter()

    outcomes = sum(at_once(bid, bid, suspend), Counter[str]())

    assert not Bid.objects.filter(status="open").exists()
    assert outcomes["account_suspended"] > 0
    assert outcomes["stands"] == Bid.objects.count() >= 20
    assert find_faults(conf.now()) == {}


def test_drop_sells_each_piece_once_and_no_account_more_than_its_limit() -> None:
    first = make_variant()
    second = make_variant(first.product, "10")
    drop = Drop.objects.create(product=first.product, opens_at=conf.now(), price_cents=20_000, limit_per_account=2)
    for size in (first, second):
        services.stock_house_asks(variant_id=size.pk, n_pieces=12, price_cents=drop.price_cents, drop_id=drop.pk)
    accounts = [make_user() for _ in range(6)]

    def rush(seed: int) -> Counter[str]:
        rng, outcomes = random.Random(seed), Counter[str]()
        for account in rng.sample(accounts * 4, 24):
            asked = Asked("buy_now", account.pk, rng.choice((first.pk, second.pk)), uuid4(), drop.price_cents)
            outcomes[send(asked, account)[0].refused or "bought"] += 1
        return outcomes

    outcomes = sum(at_once(*(partial(rush, seed) for seed in range(6))), Counter[str]())

    assert outcomes == {"bought": 12, "limit_reached": 6 * 24 - 12}
    assert set(Counter(Order.objects.values_list("buyer", flat=True)).values()) == {2}
    assert find_faults(conf.now()) == {}
