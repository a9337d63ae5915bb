import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Payment
from catalog.orders.services import refund
from catalog.payments.paying import pay
from catalog.payments.waiting import Waiting, read_waiting
from tests.factories.accounts import make_user
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def test_waiting_is_none_in_a_new_shop() -> None:
    waiting = read_waiting()

    assert waiting == Waiting({"matched": 0, "paid": 0, "shipped": 0}, 0, None, 0)


def test_waiting_counts_what_is_under_way(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    silent, strict = make_order(token="test-silent"), make_order("paid", token="test-refund-declined")
    for status in ("paid", "shipped", "shipped", "completed", "cancelled"):
        make_order(status)
    pay(silent.pk)
    refund(order_id=strict.pk, staff=make_user(), reason="A copy.")
    pay(strict.pk)

    with django_assert_num_queries(3):
        waiting = read_waiting()

    # The seller who gave up leaves a refund that the next tick asks for.
    asked = Payment.objects.filter(status="asked")
    assert waiting.n_orders == {"matched": 1, "paid": 1, "shipped": 2}
    assert waiting.n_unanswered == asked.count() == 2
    assert waiting.oldest_asked_at == min(each.asked_at for each in asked)
    assert waiting.n_refunds_declined == 1


def test_waiting_leaves_out_a_refund_that_was_asked_for_again() -> None:
    order, staff = make_order("paid", token="test-refund-declined"), make_user()
    refund(order_id=order.pk, staff=staff, reason="A copy.")
    pay(order.pk)
    before = read_waiting().n_refunds_declined

    refund(order_id=order.pk, staff=staff, reason="Once more.")

    assert (before, read_waiting().n_refunds_declined) == (1, 0)
