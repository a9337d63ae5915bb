from datetime import timedelta

import pytest
from django.conf import settings

from catalog import conf
from catalog.models import Ask, Order, OrderStep, SandboxCharge
from catalog.orders import deadlines
from catalog.orders.deadlines import COMPLETE_AFTER, HOUSE_SHIPS_AFTER, PAY_WITHIN, SHIP_WITHIN, meet_deadlines
from catalog.orders.steps import lock_order
from catalog.payments.paying import pay, pay_due
from catalog.tasks import meet_deadlines as meet_deadlines_task
from tests.factories.orders import make_house_order, make_order

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=5)


def status_after(order: Order, wait: timedelta) -> str:
    """Where it stands once the tick came so much later."""
    with settings.CLOCK.at(order.updated_at + wait):
        meet_deadlines_task()
    order.refresh_from_db()
    return order.status


def test_house_ships_after_a_day_and_not_before() -> None:
    order = make_house_order("paid")

    early = status_after(order, HOUSE_SHIPS_AFTER - MOMENT)
    late = status_after(order, HOUSE_SHIPS_AFTER)

    assert (early, late) == ("paid", "shipped")
    assert OrderStep.objects.filter(order=order).latest("pk").by == "schedule"


def test_seller_who_does_not_ship_loses_the_sale_and_the_buyer_nothing() -> None:
    order = make_order("paid")

    early = status_after(order, SHIP_WITHIN - MOMENT)
    late = status_after(order, SHIP_WITHIN)
    with settings.CLOCK.at(order.updated_at):
        pay_due()

    assert (early, late) == ("paid", "cancelled")
    assert SandboxCharge.objects.get().refunded_cents == order.total_cents
    assert not Ask.objects.filter(status="open").exists()


def test_shipped_order_is_complete_when_nobody_complains() -> None:
    order = make_order("shipped")

    early = status_after(order, COMPLETE_AFTER - MOMENT)
    late = status_after(order, COMPLETE_AFTER)

    assert (early, late) == ("shipped", "completed")


def test_order_that_nobody_can_be_asked_to_pay_ends_and_the_seller_stands_again() -> None:
    order = make_order(token="test-silent")
    pay(order.pk)

    early = status_after(order, PAY_WITHIN - MOMENT)
    late = status_after(order, PAY_WITHIN + MOMENT)

    assert (early, late) == ("matched", "cancelled")
    assert Ask.objects.get(status="open").seller_id == order.seller_id


def test_answer_that_comes_after_the_deadline_is_undone() -> None:
    order = make_order(token="test-answer-lost")
    pay(order.pk)
    late = order.updated_at + PAY_WITHIN + MOMENT
    with settings.CLOCK.at(late):
        meet_deadlines()

    for turn in range(1, 4):
        with settings.CLOCK.at(late + turn * timedelta(minutes=2)):
            pay_due()

    assert SandboxCharge.objects.get().is_voided
    assert list(order.payments.values_list("kind", "status")) == [("authorise", "done"), ("void", "done")]


def test_order_that_nobody_asked_for_yet_is_paid_late_rather_than_cancelled() -> None:
    order = make_order()

    standing = status_after(order, 2 * PAY_WITHIN)
    pay_due()

    order.refresh_from_db()
    assert (standing, order.status) == ("matched", "paid")


def test_order_that_is_asked_for_late_has_a_day_from_then_on() -> None:
    order = make_order(token="test-silent")
    late = order.updated_at + 2 * PAY_WITHIN
    with settings.CLOCK.at(late):
        pay_due()

    early = status_after(order, 3 * PAY_WITHIN - MOMENT)
    ended = status_after(order, 3 * PAY_WITHIN + MOMENT)

    assert (early, ended) == ("matched", "cancelled")


def test_order_that_cannot_be_moved_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_order("shipped"), make_order("shipped")
    lock = lock_order

    def lock_or_break(order_id: int) -> Order:
        if order_id == broken.pk:
            raise ZeroDivisionError
        return lock(order_id)

    monkeypatch.setattr(deadlines, "lock_order", lock_or_break)

    with settings.CLOCK.at(fine.updated_at + COMPLETE_AFTER):
        n_moved = meet_deadlines()

    assert n_moved == 1
    assert [Order.objects.get(pk=each.pk).status for each in (broken, fine)] == ["shipped", "completed"]


def test_deadlines_leave_what_is_over() -> None:
    completed, cancelled = make_order("completed"), make_order("cancelled")

    with settings.CLOCK.at(conf.now() + timedelta(days=365)):
        n_moved = meet_deadlines()

    assert n_moved == 0
    assert [Order.objects.get(pk=each.pk).status for each in (completed, cancelled)] == ["completed", "cancelled"]


def test_deadlines_are_met_so_many_at_a_time_longest_first() -> None:
    first, second = make_house_order("paid"), make_house_order("paid")

    with settings.CLOCK.at(second.updated_at + HOUSE_SHIPS_AFTER):
        moved = [meet_deadlines(limit=1)]
        standing = [Order.objects.get(pk=each.pk).status for each in (first, second)]
        moved += [meet_deadlines(limit=1), meet_deadlines(limit=1)]

    assert moved == [1, 1, 0]
    assert standing == ["shipped", "paid"]
