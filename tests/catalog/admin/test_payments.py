import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client

from catalog import conf
from catalog.models import Payment
from catalog.payments.paying import pay
from catalog.payments.requests import FIRST_WAIT
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
StaffWith = Callable[..., Client]
LIST = "/admin/catalog/payment/"


def make_waiting(token: str = "test-outage") -> Payment:
    order = make_order(token=token)
    pay(order.pk)
    return Payment.objects.get(order=order, status="asked")


def test_payments_without_an_answer_are_found(staff: Client) -> None:
    waiting, long = make_waiting(), make_waiting()
    Payment.objects.filter(pk=long.pk).update(n_tries=8)
    make_order("paid")

    pages = [staff.get(f"{LIST}?waits={which}").content.decode() for which in ("any", "long")]

    assert ["2 payments" in pages[0], "1 payment" in pages[1]] == [True, True]
    assert f"{LIST}{waiting.pk}/change/" in pages[0]


def test_payments_without_an_answer_are_asked_for_again(staff_with: StaffWith) -> None:
    waiting, done = make_waiting(), make_order("paid").payments.first()
    assert done is not None
    staff = staff_with("view_payment", "settle_payment")

    answer = staff.post(LIST, {"action": "ask_again", "_selected_action": [waiting.pk, done.pk]}, follow=True)

    waiting.refresh_from_db()
    assert waiting.status == "done"
    assert "Asked again for 1: 1 done, 0 declined, 0 still without an answer." in answer.content.decode()
    assert LogEntry.objects.get().object_id == str(waiting.pk)


def test_asking_again_says_so_where_nothing_waits(staff: Client) -> None:
    done = make_order("paid").payments.first()
    assert done is not None

    answer = staff.post(LIST, {"action": "ask_again", "_selected_action": [done.pk]}, follow=True)

    assert "All of these have their answer." in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_wait_is_ended_for_a_reason(staff_with: StaffWith) -> None:
    waiting = make_waiting("test-silent")
    staff, url = staff_with("view_payment", "view_order", "settle_payment"), f"{LIST}{waiting.pk}/close/"

    page = staff.get(f"{LIST}{waiting.pk}/change/").content.decode()
    early = staff.post(url, {"reason": "They told us."})
    with settings.CLOCK.at(conf.now() + FIRST_WAIT):
        refused = staff.post(url, {"reason": " "})
        answer = staff.post(url, {"reason": "They told us."})
        late = staff.post(url, {"reason": "They told us."})

    waiting.refresh_from_db()
    assert url in page
    assert "end the wait in " in early.content.decode()
    assert [early.status_code, refused.status_code, answer.status_code, late.status_code] == [409, 400, 302, 409]
    assert (waiting.status, waiting.order.status) == ("declined", "cancelled")
    assert LogEntry.objects.get().get_change_message() == "Counted as declined: They told us."


def test_payments_want_their_permission(staff_with: StaffWith) -> None:
    waiting = make_waiting("test-silent")
    staff = staff_with("view_payment", "refund_order")

    page = staff.get(f"{LIST}{waiting.pk}/change/").content.decode()
    staff.post(LIST, {"action": "ask_again", "_selected_action": [waiting.pk]})
    closed = staff.post(f"{LIST}{waiting.pk}/close/", {"reason": "They told us."})

    waiting.refresh_from_db()
    assert "/close/" not in page
    assert closed.status_code == 403
    assert (waiting.status, waiting.n_tries) == ("asked", 1)


def test_payment_shows_its_amount_and_times_as_lists_do(staff: Client) -> None:
    payment = make_order("paid", price_cents=123_450).payments.latest("pk")

    page = staff.get(f"{LIST}{payment.pk}/change/").content.decode()

    shown = dict(re.findall(r"<label>([^<]+):</label>\s*<div class=\"readonly\">([^<]*)</div>", page))
    assert shown["Amount"] == f"{payment.amount_cents // 100:,}.{payment.amount_cents % 100:02}"
    assert shown["Attempts"] == str(payment.n_tries)
    assert shown["Asked at"] == f"{payment.asked_at:%-d %b %Y, %H:%M}"
    assert "Amount cents" not in page
