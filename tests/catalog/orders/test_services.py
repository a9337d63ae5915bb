import pytest
from django.conf import settings

from catalog.exceptions import IllegalTransition, OrderRejected, UnknownOrder
from catalog.models import Ask, Order, OrderStep, Payment, SandboxCharge
from catalog.orders.deadlines import COMPLETE_AFTER, meet_deadlines
from catalog.orders.services import MAX_TRACKING, give_up, receive, refund, ship
from catalog.orders.states import OrderStatus
from catalog.payments.paying import pay
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.orders import make_house_order, make_order

pytestmark = pytest.mark.django_db


def last_step(order: Order) -> OrderStep:
    return OrderStep.objects.filter(order=order).latest("pk")


def seller_of(order: Order) -> User:
    assert order.seller is not None
    return order.seller


def test_ship_tells_the_buyer_where_the_piece_is() -> None:
    order = make_order("paid")

    shipped = ship(order_id=order.pk, seller=seller_of(order), tracking=" 1Z 999 AA1 ")

    step = last_step(order)
    assert shipped.status == OrderStatus.SHIPPED
    assert (step.by, step.account_id, step.reason) == ("seller", order.seller_id, "Tracking number 1Z 999 AA1")


@pytest.mark.parametrize("tracking", ["9" * (MAX_TRACKING + 1), "1Z\n999", "1Z\x00"])
def test_ship_refuses_what_is_no_tracking_number(tracking: str) -> None:
    order = make_order("paid")

    with pytest.raises(OrderRejected, match="tracking"):
        ship(order_id=order.pk, seller=seller_of(order), tracking=tracking)

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID


def test_receive_completes_the_order() -> None:
    order = make_order("shipped")

    completed = receive(order_id=order.pk, buyer=order.buyer)

    assert completed.status == OrderStatus.COMPLETED
    assert last_step(order).by == "buyer"


def test_button_pressed_twice_says_no_more() -> None:
    order = make_order("paid")

    for _ in range(2):
        ship(order_id=order.pk, seller=seller_of(order), tracking="1")
    for _ in range(2):
        receive(order_id=order.pk, buyer=order.buyer)

    assert [step.to_status for step in OrderStep.objects.filter(order=order)] == [
        *("matched", "paid", "shipped", "completed")
    ]


def test_receive_of_what_time_has_completed_says_no_more() -> None:
    order = make_order("shipped")
    with settings.CLOCK.at(order.updated_at + COMPLETE_AFTER):
        meet_deadlines()

    again = receive(order_id=order.pk, buyer=order.buyer)

    assert (again.status, order.steps.filter(to_status="completed").count()) == ("completed", 1)


def test_give_up_returns_the_buyers_money_and_not_the_piece() -> None:
    order = make_order("paid")

    given_up = give_up(order_id=order.pk, seller=seller_of(order), reason=" It is damaged. ")
    status = pay(order.pk)

    assert given_up.status == status == OrderStatus.CANCELLED
    assert last_step(order).reason == "It is damaged."
    assert SandboxCharge.objects.get().refunded_cents == order.total_cents
    assert not Ask.objects.filter(status="open").exists()


@pytest.mark.parametrize("status", ["matched", "paid", "shipped", "completed"])
def test_refund_gives_all_back_wherever_the_order_stands(status: str) -> None:
    order, staff = make_order(status), make_user(is_staff=True)

    refund(order_id=order.pk, staff=staff, reason="Counterfeit.")
    pay(order.pk)

    order.refresh_from_db()
    step = last_step(order)
    charge = SandboxCharge.objects.first()
    assert order.status == OrderStatus.CANCELLED
    assert (step.by, step.account_id, step.reason) == ("staff", staff.pk, "Counterfeit.")
    assert charge is None or charge.refunded_cents == order.total_cents


def test_refund_of_what_was_never_paid_puts_the_seller_back() -> None:
    order = make_order("matched")

    refund(order_id=order.pk, staff=make_user(), reason="Sold by mistake.")

    assert Ask.objects.get(status="open").seller_id == order.seller_id
    assert not Payment.objects.exists()


def test_refund_that_is_declined_may_be_asked_again() -> None:
    order, staff = make_order("paid", token="test-refund-declined"), make_user(is_staff=True)
    refund(order_id=order.pk, staff=staff, reason="Counterfeit.")
    pay(order.pk)

    refund(order_id=order.pk, staff=staff, reason="They have an account again.")
    with pytest.raises(IllegalTransition):
        refund(order_id=order.pk, staff=staff, reason="Once more, while one is under way.")

    refunds = Payment.objects.filter(order=order, kind="refund").order_by("pk")
    assert [each.status for each in refunds] == ["declined", "asked"]
    assert refunds[0].idempotency_key != refunds[1].idempotency_key


def test_refund_refuses_what_is_over() -> None:
    order = make_order("cancelled")

    with pytest.raises(IllegalTransition, match="is cancelled, and nothing of it is left to give back"):
        refund(order_id=order.pk, staff=make_user(), reason="Too late.")

    assert OrderStep.objects.filter(order=order, to_status="cancelled").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "It is\0broken."])
def test_reasons_are_asked_for(reason: str) -> None:
    order = make_order("paid")

    with pytest.raises(OrderRejected, match="reason"):
        refund(order_id=order.pk, staff=make_user(), reason=reason)
    with pytest.raises(OrderRejected, match="reason"):
        give_up(order_id=order.pk, seller=seller_of(order), reason=reason)

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID


def test_nobody_moves_what_is_not_theirs() -> None:
    paid, shipped = make_order("paid"), make_order("shipped")
    stranger = make_user()

    for who in (stranger, paid.buyer):
        with pytest.raises(UnknownOrder):
            ship(order_id=paid.pk, seller=who)
        with pytest.raises(UnknownOrder):
            give_up(order_id=paid.pk, seller=who, reason="It is not mine.")
    for who in (stranger, seller_of(shipped)):
        with pytest.raises(UnknownOrder):
            receive(order_id=shipped.pk, buyer=who)

    assert [Order.objects.get(pk=each.pk).status for each in (paid, shipped)] == ["paid", "shipped"]


def test_nobody_ships_for_the_house() -> None:
    order = make_house_order("paid")

    with pytest.raises(UnknownOrder):
        ship(order_id=order.pk, seller=make_user())


@pytest.mark.parametrize(("status", "act"), [("matched", "ship"), ("completed", "ship"), ("paid", "receive")])
def test_services_refuse_what_the_table_forbids(status: str, act: str) -> None:
    order = make_order(status)

    acts = {
        "ship": lambda: ship(order_id=order.pk, seller=seller_of(order)),
        "receive": lambda: receive(order_id=order.pk, buyer=order.buyer),
    }

    with pytest.raises(IllegalTransition, match=status):
        acts[act]()

    order.refresh_from_db()
    assert order.status == status
