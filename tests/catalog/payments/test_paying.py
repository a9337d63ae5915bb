import pytest

from catalog.models import Order, OrderStep, Payment, SandboxCharge
from catalog.orders.states import OrderStatus
from catalog.payments.paying import pay
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def told(order: Order) -> list[tuple[str, str]]:
    """Each request of an order's, and how it stands."""
    return list(Payment.objects.filter(order=order).order_by("pk").values_list("kind", "status"))


def test_pay_authorises_and_captures_the_total() -> None:
    order = make_order(price_cents=20_000)

    status = pay(order.pk)

    charge = SandboxCharge.objects.get()
    assert status == OrderStatus.PAID
    assert charge.authorised_cents == charge.captured_cents == order.total_cents == 21_595
    assert told(order) == [("authorise", "done"), ("capture", "done")]
    assert list(OrderStep.objects.filter(order=order).values_list("from_status", "to_status", "by")) == [
        ("", "matched", "buyer"),
        ("matched", "paid", "provider"),
    ]
