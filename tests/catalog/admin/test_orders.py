from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Order, OrderStep, Payment, SandboxCharge
from catalog.payments.paying import pay
from catalog.payments.sandbox import Sandbox
from tests.factories.orders import make_house_order, make_order

pytestmark = pytest.mark.django_db
StaffWith = Callable[..., Client]


def test_refund_asks_why_and_gives_the_money_back(staff_with: StaffWith) -> None:
    order, staff = make_order("shipped"), staff_with("refund_order", "view_order")
    url = f"/admin/catalog/order/{order.pk}/refund/"

    asked = staff.get(url)
    answered = staff.post(url, {"reason": " The piece is a copy. "}, follow=True)

    page = answered.content.decode()
    step = OrderStep.objects.filter(order=order).latest("pk")
    assert (asked.status_code, answered.status_code) == (200, 200)
    assert (step.to_status, step.by, step.reason) == ("cancelled", "staff", "The piece is a copy.")
    assert step.account is not None
    assert step.account.pk == int(staff.session["_auth_user_id"])
    assert SandboxCharge.objects.get().refunded_cents == order.total_cents
    assert "The piece is a copy." in page
    assert f"/admin/catalog/order/{order.pk}/refund/" not in page


def test_refund_after_completion_says_that_the_payout_goes_back(staff: Client) -> None:
    order = make_order("completed")
    url = f"/admin/catalog/order/{order.pk}/refund/"

    page = staff.get(url).content.decode()
    staff.post(url, {"reason": "The piece is a copy."})

    assert "The payout of 108.00 is taken back." in page
    assert [entry.amount_cents for entry in order.payouts.order_by("pk")] == [10_800, -10_800]


def test_refund_is_kept_in_the_admins_log(staff: Client) -> None:
    order = make_order("paid")

    staff.post(f"/admin/catalog/order/{order.pk}/refund/", {"reason": "Sold by mistake."})

    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(order.pk), "Refunded: Sold by mistake.")


@pytest.mark.parametrize("permissions", [(), ("view_order",), ("change_order", "view_order")])
def test_refund_wants_its_permission(staff_with: StaffWith, permissions: tuple[str, ...]) -> None:
    order, staff = make_order("paid"), staff_with(*permissions)
    url = f"/admin/catalog/order/{order.pk}/refund/"

    statuses = [staff.get(url).status_code, staff.post(url, {"reason": "Why not."}).status_code]

    order.refresh_from_db()
    assert statuses == [403, 403]
    assert order.status == "paid"


def test_refund_is_no_shoppers_business(client: Client) -> None:
    order = make_order("paid")
    client.force_login(order.buyer)

    answer = client.post(f"/admin/catalog/order/{order.pk}/refund/", {"reason": "I want it back."})

    order.refresh_from_db()
    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["Location"]
    assert order.status == "paid"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_refund_without_a_reason_does_nothing(staff: Client, reason: str) -> None:
    order = make_order("paid")

    answer = staff.post(f"/admin/catalog/order/{order.pk}/refund/", {"reason": reason})

    order.refresh_from_db()
    assert answer.status_code == 400
    assert "Nothing was done" in answer.content.decode()
    assert order.status == "paid"
    assert not LogEntry.objects.exists()


def test_refund_of_what_is_over_is_refused_in_words(staff: Client) -> None:
    order = make_order("cancelled")

    page = staff.get(f"/admin/catalog/order/{order.pk}/change/").content.decode()
    asked = staff.get(f"/admin/catalog/order/{order.pk}/refund/").content.decode()
    answer = staff.post(f"/admin/catalog/order/{order.pk}/refund/", {"reason": "Too late."})

    assert f"/admin/catalog/order/{order.pk}/refund/" not in page
    assert "nothing of it is left to give back" in asked
    assert answer.status_code == 409
    assert f"order {order.pk} is cancelled, and nothing of it is left to give back." in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_refund_is_kept_though_the_provider_breaks(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order("paid")
    monkeypatch.setattr(Sandbox, "refund", broken)

    answer = staff.post(f"/admin/catalog/order/{order.pk}/refund/", {"reason": "Sold by mistake."})

    order.refresh_from_db()
    assert (answer.status_code, order.status) == (302, "cancelled")
    assert order.payments.get(kind="refund").status == "asked"


def broken(*_args: object, **_asked: object) -> None:
    raise ZeroDivisionError


def test_refund_that_was_declined_is_found_and_asked_again(staff: Client) -> None:
    order = make_order("paid", token="test-refund-declined")
    make_order("paid")
    url = f"/admin/catalog/order/{order.pk}/refund/"
    staff.post(url, {"reason": "The piece is a copy."})

    found = staff.get("/admin/catalog/order/?look=declined").content.decode()
    page = staff.get(f"/admin/catalog/order/{order.pk}/change/").content.decode()
    again = staff.post(url, {"reason": "They have an account again."})

    assert "1 order" in found
    assert url in page
    assert again.status_code == 302
    assert list(Payment.objects.filter(order=order, kind="refund").values_list("status", flat=True)) == ["declined"] * 2


def test_orders_that_wait_for_long_are_found(staff: Client) -> None:
    order = make_order(token="test-silent")
    pay(order.pk)
    Payment.objects.filter(order=order).update(n_tries=8)
    make_order()

    page = staff.get("/admin/catalog/order/?look=unanswered").content.decode()

    assert "1 order" in page


def test_order_page_shows_steps_payments_and_amounts(staff: Client) -> None:
    order = make_order("shipped", price_cents=123_450)

    page = staff.get(f"/admin/catalog/order/{order.pk}/change/").content.decode()

    for told in ("1,234.50", "37.04", "9.95", "1,281.49", "123.45", "1,111.05", "Authorise", "Capture", "matched"):
        assert told in page


def test_list_of_orders_reads_as_much_for_many_as_for_few(staff: Client) -> None:
    make_order("paid")
    counts = []

    for _ in range(2):
        staff.get("/admin/catalog/order/")
        with CaptureQueriesContext(connection) as queries:
            staff.get("/admin/catalog/order/")
        counts.append(len(queries))
        for _ in range(3):
            make_order("shipped")
            make_house_order("paid")

    assert counts[0] == counts[1]
    assert Order.objects.count() == 13


def test_fees_are_shown_with_what_they_come_to(staff: Client) -> None:
    page = staff.get("/admin/catalog/order/fees/").content.decode()

    for told in ("3.00%", "10.00%", "250.00", "7.50", "267.45", "225.00"):
        assert told in page


def test_fees_are_shown_to_who_may_see_orders(staff_with: StaffWith) -> None:
    answers = [staff_with(*codes).get("/admin/catalog/order/fees/").status_code for codes in ((), ("view_order",))]

    assert answers == [403, 200]
