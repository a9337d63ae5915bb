from datetime import timedelta

import pytest
from django.conf import settings

from catalog.payments.asking_again import close, unanswered
from catalog.payments.paying import pay
from recommendations.alarms import kinds, watch
from recommendations.alarms.inbox import told
from recommendations.models import Alarm
from storefront.waiting_money import find_waiting_money
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def look() -> set[str]:
    """The codes of money's alarms that stand after a look."""
    watch.look(patience_s=0)
    codes = {"payments_unanswered", "refunds_declined"}
    return set(Alarm.objects.still_open().filter(code__in=codes).values_list("code", flat=True))


def test_payment_that_stays_unanswered_raises_an_alarm_that_ends_with_its_answer() -> None:
    order = make_order(token="test-silent")
    pay(order.pk)

    with settings.CLOCK.at(order.placed_at + timedelta(minutes=14)):
        early = look()
    with settings.CLOCK.at(order.placed_at + timedelta(minutes=40)):
        late = look()
        alarm = Alarm.objects.get(code="payments_unanswered")
        close(unanswered().get().pk, reason="They never heard of it.")
        look()
        after = look()

    assert (early, late, after) == (set(), {"payments_unanswered"}, set())
    assert alarm.detail == "Payments without an answer: 1, the oldest for 40 min."
    assert told(alarm).command == kinds.KINDS["payments_unanswered"].command == "python manage.py ask_payments"


def test_refund_that_was_declined_raises_an_alarm() -> None:
    order = make_order("cancelled", token="test-refund-declined")
    quiet = look()

    pay(order.pk)

    assert (quiet, look()) == (set(), {"refunds_declined"})
    assert find_waiting_money().n_refunds_declined == 1
