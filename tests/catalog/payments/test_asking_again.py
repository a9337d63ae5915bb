from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog import conf
from catalog.exceptions import OrderRejected, PaymentAnswered, PaymentUnderWay
from catalog.models import Ask, Order, Payment, SandboxCharge
from catalog.orders.services import refund
from catalog.payments import requests
from catalog.payments.asking_again import MAX_WORDS, NOT_CONFIRMED, ask_again, close, unanswered
from catalog.payments.paying import pay
from catalog.payments.port import Answer
from catalog.payments.requests import FIRST_WAIT
from tests.factories.accounts import make_user
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def make_waiting(token: str) -> tuple[Order, Payment]:
    """An order that was asked for once, and the request that has no answer."""
    order = make_order(token=token)
    pay(order.pk)
    return order, unanswered().get(order=order)


def said(*arguments: str) -> str:
    """What the command prints."""
    told = StringIO()
    call_command("ask_payments", *arguments, stdout=told)
    return told.getvalue()


def test_ask_again_waits_for_no_tick() -> None:
    order, payment = make_waiting("test-outage")

    early = pay(order.pk)
    stand = ask_again([payment.pk])

    # The second attempt answers; the capture, asked for the first time, is missed in its turn.
    payment.refresh_from_db()
    assert (early, payment.status, stand) == ("matched", "done", {"done": 1})
    assert unanswered().get(order=order).kind == "capture"


def test_ask_again_leaves_alone_what_has_its_answer() -> None:
    order = make_order("paid")
    before = list(order.payments.values())

    stand = ask_again(order.payments.values_list("pk", flat=True))

    assert not stand
    assert list(order.payments.values()) == before


def test_ask_again_has_time_for_so_much() -> None:
    waiting = [make_waiting("test-outage")[1] for _ in range(2)]

    stand = ask_again([payment.pk for payment in waiting], budget_s=-1.0)

    assert stand == {"asked": 2}
    assert unanswered().filter(ask_at__lte=conf.now()).count() == 2


def test_close_of_an_authorisation_cancels_the_order_and_the_seller_stands_again() -> None:
    order, payment = make_waiting("test-silent")

    with settings.CLOCK.at(conf.now() + FIRST_WAIT):
        status = close(payment.pk, reason=" They told us on the phone. ")

    payment.refresh_from_db()
    assert (status, payment.status, payment.words) == ("cancelled", "declined", "They told us on the phone.")
    assert order.steps.latest("pk").reason == NOT_CONFIRMED
    assert Ask.objects.get(status="open").seller_id == order.seller_id
    assert not unanswered().exists()


def test_close_of_a_refund_lets_it_be_asked_for_again() -> None:
    order, staff = make_order("paid"), make_user(is_staff=True)
    refund(order_id=order.pk, staff=staff, reason="A copy.")
    asked = unanswered().get(order=order, kind="refund")

    close(asked.pk, reason="They never got it.")
    refund(order_id=order.pk, staff=staff, reason="Once more.")

    assert list(order.payments.filter(kind="refund").values_list("status", flat=True)) == ["declined", "asked"]


def test_close_waits_for_an_answer_that_may_be_on_its_way() -> None:
    order, payment = make_waiting("test-silent")
    tried_at = Payment.objects.get(pk=payment.pk).tried_at
    assert tried_at is not None

    with (
        settings.CLOCK.at(tried_at + FIRST_WAIT - timedelta(seconds=4)),
        pytest.raises(PaymentUnderWay, match="end the wait in 4 seconds"),
    ):
        close(payment.pk, reason="They never got it.")
    with settings.CLOCK.at(tried_at + timedelta(hours=1)):
        # Asked once more, whenever the first attempt was.
        ask_again([payment.pk])
        with pytest.raises(PaymentUnderWay):
            close(payment.pk, reason="They never got it.")

    order.refresh_from_db()
    assert (order.status, unanswered().get()) == ("matched", payment)


def test_answer_that_comes_after_all_changes_nothing_and_is_told_to_somebody(caplog: pytest.LogCaptureFixture) -> None:
    order, payment = make_waiting("test-silent")
    with settings.CLOCK.at(conf.now() + FIRST_WAIT):
        close(payment.pk, reason="They never got it.")
    caplog.clear()

    requests.record(payment, Answer(is_done=False))
    n_told_before = len(caplog.records)
    status = requests.record(payment, Answer(is_done=True, reference="hold-1"))

    payment.refresh_from_db()
    assert (status, payment.status, n_told_before) == ("cancelled", "declined", 0)
    assert [(record.levelname, record.__dict__["order_id"]) for record in caplog.records] == [("ERROR", order.pk)]


def test_close_refuses_what_was_answered_and_what_is_not_explained() -> None:
    order, payment = make_waiting("test-silent")
    paid = make_order("paid").payments.first()
    assert paid is not None

    with pytest.raises(PaymentAnswered):
        close(paid.pk, reason="They told us.")
    for reason in ("", "  ", "x" * (MAX_WORDS + 1)):
        with pytest.raises(OrderRejected, match="reason"):
            close(payment.pk, reason=reason)

    order.refresh_from_db()
    assert (order.status, unanswered().get()) == ("matched", payment)


def test_command_tells_what_waits_and_asks_for_it() -> None:
    order, payment = make_waiting("test-outage")
    declined = make_order("paid", token="test-refund-declined")
    refund(order_id=declined.pk, staff=make_user(is_staff=True), reason="A copy.")
    pay(declined.pk)

    listed = said("--list")
    n_tries = Payment.objects.get(pk=payment.pk).n_tries
    asked = said()

    assert f"Order {order.pk}: authorise, no answer for 0 min, 1 attempts." in listed
    assert f"Order {declined.pk}: refund declined." in listed
    assert n_tries == 1
    assert "Asked again for 1: 0 still without an answer." in asked
    assert SandboxCharge.objects.filter(reference=Payment.objects.get(pk=payment.pk).reference).exists()


def test_command_says_so_where_nothing_waits() -> None:
    make_order("paid")

    assert said() == "Every payment has its answer.\n"
