import pytest
from django.conf import settings
from django.db import transaction
from django.db.utils import IntegrityError
from pytest_django import DjangoAssertNumQueries

from catalog.models import Payout
from catalog.orders.deadlines import COMPLETE_AFTER, HOUSE_SHIPS_AFTER, meet_deadlines
from catalog.orders.payouts import Earnings, earnings_of
from catalog.orders.services import refund
from tests.factories.accounts import make_user
from tests.factories.orders import make_house_order, make_order

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[str, int]]:
    return list(Payout.objects.order_by("pk").values_list("kind", "amount_cents"))


def test_payout_is_booked_when_the_sale_is_complete_and_not_before() -> None:
    order = make_order("shipped")
    early = entries()

    with settings.CLOCK.at(order.updated_at + COMPLETE_AFTER):
        meet_deadlines()

    payout = Payout.objects.get()
    order.refresh_from_db()
    assert (early, entries()) == ([], [("payout", 10_800)])
    assert (payout.order, payout.seller, payout.at) == (order, order.seller, order.updated_at)


def test_payout_is_taken_back_by_a_refund_and_stays_in_the_account() -> None:
    order = make_order("completed")

    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")

    assert order.seller is not None
    assert entries() == [("payout", 10_800), ("reversal", -10_800)]
    assert earnings_of(order.seller) == Earnings(0, 0, 0)


@pytest.mark.parametrize("status", ["matched", "paid", "shipped"])
def test_sale_that_ends_before_it_is_complete_has_no_payout(status: str) -> None:
    order = make_order(status)

    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")

    assert entries() == []


def test_house_pays_itself_nothing() -> None:
    order = make_house_order("paid")
    for wait in (HOUSE_SHIPS_AFTER, HOUSE_SHIPS_AFTER + COMPLETE_AFTER):
        with settings.CLOCK.at(order.updated_at + wait):
            meet_deadlines()

    refund(order_id=order.pk, staff=make_user(is_staff=True), reason="A copy.")

    assert list(order.steps.values_list("to_status", flat=True))[-2:] == ["completed", "cancelled"]
    assert entries() == []


def test_earnings_are_the_sellers_own(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seller = make_user()
    for status in ("completed", "completed", "paid", "shipped", "cancelled"):
        make_order(status, seller=seller)
    make_order("completed")

    with django_assert_num_queries(2):
        earnings = earnings_of(seller)

    assert earnings == Earnings(earned_cents=21_600, ahead_cents=21_600, n_ahead=2)


def test_database_only_adds_entries_and_each_once() -> None:
    order = make_order("completed")
    assert order.seller is not None

    for change in (
        lambda: Payout.objects.update(amount_cents=1),
        lambda: Payout.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    for kind, amount_cents, broken in (
        ("payout", 1, "payout_once_a_kind"),
        ("reversal", 1, "payout_sign_is_its_kinds"),
    ):
        with pytest.raises(IntegrityError, match=broken), transaction.atomic():
            Payout.objects.create(
                order=order, seller=order.seller, kind=kind, amount_cents=amount_cents, at=order.updated_at
            )

    assert entries() == [("payout", 10_800)]
