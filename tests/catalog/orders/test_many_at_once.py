"""Everybody does something to the same orders at the same time; afterwards every cent is where its order says."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import connection

from catalog import conf
from catalog.exceptions import OrderRefused
from catalog.models import Ask, Order, OrderStep, Payment, SandboxCharge
from catalog.orders import services as life
from catalog.orders.deadlines import meet_deadlines
from catalog.orders.states import LEGAL, OrderStatus
from catalog.payments.paying import pay, pay_due
from catalog.payments.tokens import TOKENS
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.orders import make_order

TOKENS_TRIED = [token for token, script in TOKENS.items() if not script.is_silent]
SETTLED_AFTER = timedelta(days=60)


def live_through(orders: list[Order], staff: User, seed: int, n_acts: int) -> None:
    """What one of the crowd does; refusals are part of the game."""
    chance = random.Random(seed)
    try:
        for _ in range(n_acts):
            order = chance.choice(orders)
            assert order.seller is not None
            acts: list[Callable[[], object]] = [
                lambda order=order: pay(order.pk),  # type: ignore[misc]
                lambda order=order: life.ship(order_id=order.pk, seller=order.seller),  # type: ignore[misc]
                lambda order=order: life.receive(order_id=order.pk, buyer=order.buyer),  # type: ignore[misc]
                lambda order=order: life.give_up(order_id=order.pk, seller=order.seller, reason="Lost."),  # type: ignore[misc]
                lambda order=order: life.refund(order_id=order.pk, staff=staff, reason="A copy."),  # type: ignore[misc]
                lambda: pay_due(limit=3),
                lambda: meet_deadlines(limit=3),
            ]
            later = timedelta(seconds=chance.choice([0, 40, 90, 4_000, 90_000]))
            with settings.CLOCK.at(conf.now() + later):
                try:
                    chance.choices(acts, weights=[8, 6, 6, 0.5, 0.5, 2, 1])[0]()
                except OrderRefused:
                    continue
    finally:
        connection.close()


def check_money(order: Order) -> None:
    """Nothing is held or kept that the order's status does not say."""
    payments = list(Payment.objects.filter(order=order).order_by("pk"))
    charges = list(SandboxCharge.objects.filter(reference__in=[each.reference for each in payments if each.reference]))
    assert len(charges) <= 1
    kept = sum(charge.captured_cents - charge.refunded_cents for charge in charges)
    held = sum(charge.authorised_cents for charge in charges if not charge.captured_cents and not charge.is_voided)
    is_refund_declined = any(each.kind == "refund" and each.status == "declined" for each in payments)
    if order.status == OrderStatus.CANCELLED:
        assert kept == (order.total_cents if is_refund_declined else 0)
    elif order.status in {OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED}:
        assert kept == order.total_cents
    assert held == 0
    assert not [each for each in payments if each.status == "asked"]


def check_payout(order: Order) -> None:
    """A seller has earned what the order's status says."""
    is_earned = order.status == OrderStatus.COMPLETED
    assert sum(entry.amount_cents for entry in order.payouts.all()) == (order.payout_cents if is_earned else 0)


def check_steps(order: Order) -> None:
    """The steps are one unbroken way to where the order stands."""
    steps = list(OrderStep.objects.filter(order=order).order_by("pk"))
    assert steps[0].from_status == ""
    for before, after in pairwise(steps):
        assert before.to_status == after.from_status
        assert OrderStatus(after.to_status) in LEGAL[OrderStatus(after.from_status)]
    assert steps[-1].to_status == order.status


def check_seller(order: Order) -> None:
    """A seller whose order ended unpaid stands in the book once, as long as the ask was to last; nobody else does."""
    sold = Ask.objects.get(trade__order=order)
    assert sold.expires_at is not None
    ended = OrderStep.objects.filter(order=order, from_status="matched", to_status="cancelled", at__lt=sold.expires_at)
    assert Ask.objects.filter(seller=order.seller, status="open").count() == ended.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak), pytest.param(3, marks=pytest.mark.soak)])
def test_orders_under_a_crowd_end_with_every_cent_in_its_place(seed: int) -> None:
    orders = [make_order(token=token) for token in TOKENS_TRIED for _ in range(2)]
    staff = make_user(is_staff=True)

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(lambda n: live_through(orders, staff, 100 * seed + n, 60), range(6)))
    for day in range(1, 4):
        with settings.CLOCK.at(conf.now() + day * SETTLED_AFTER):
            meet_deadlines()
            for _ in range(6):
                pay_due()
        with settings.CLOCK.at(conf.now() + day * SETTLED_AFTER + timedelta(hours=2)):
            pay_due()

    for order in orders:
        order.refresh_from_db()
        check_money(order)
        check_steps(order)
        check_payout(order)
    for order in orders:
        check_seller(order)
    # Whatever became of it: nothing that was begun is left to do.
    assert {order.status for order in orders} <= {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
