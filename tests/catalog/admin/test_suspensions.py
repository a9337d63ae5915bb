from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from catalog import housekeeping
from catalog.exceptions import AccountSuspended
from catalog.models import Ask, Suspension
from catalog.services import place_bid
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant

StaffWith = Callable[..., Client]
ADD = "/admin/catalog/suspension/add/"


def test_suspend_cancels_what_stands_and_is_audited(staff_with: StaffWith) -> None:
    account, staff = make_user("mallory"), staff_with("add_suspension", "view_suspension")
    ask = make_ask(make_variant(), seller=account)

    asked = staff.get(f"{ADD}?account=mallory")
    answered = staff.post(ADD, {"account": "mallory", "reason": "Sells copies."})

    suspension = Suspension.objects.get()
    ask.refresh_from_db()
    assert 'value="mallory"' in asked.content.decode()
    assert answered.status_code == 302
    assert (suspension.account_id, suspension.reason, suspension.ended_at) == (account.pk, "Sells copies.", None)
    assert suspension.by_id == int(staff.session["_auth_user_id"])
    assert ask.status == Ask.Status.CANCELLED
    assert LogEntry.objects.get().object_id == str(suspension.pk)


def test_lift_lets_the_account_trade_again(staff: Client) -> None:
    account, variant = make_user(), make_variant()
    suspension = housekeeping.suspend(account=account, by=make_user(), reason="Sells copies.")

    def bid() -> None:
        place_bid(variant_id=variant.pk, buyer=account, price_cents=1_000, expires_in_days=1, idempotency_key=uuid4())

    with pytest.raises(AccountSuspended):
        bid()
    page = staff.get(f"/admin/catalog/suspension/{suspension.pk}/change/").content.decode()
    answered = staff.post(f"/admin/catalog/suspension/{suspension.pk}/lift/", {"reason": "It was somebody else."})

    bid()
    suspension.refresh_from_db()
    assert f"{suspension.pk}/lift/" in page
    assert answered.status_code == 302
    assert suspension.ended_at is not None
    assert LogEntry.objects.get().get_change_message() == "Lifted: It was somebody else."
    assert staff.get(f"/admin/catalog/suspension/{suspension.pk}/lift/").status_code == 404


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"account": "mallory", "reason": ""}, "Say why"),
        ({"account": "nobody", "reason": "Sells copies."}, "no account"),
        ({"account": "boss", "reason": "Sells copies."}, "Members of staff"),
        ({"account": "eve", "reason": "Another reason."}, "suspended already"),
    ],
)
def test_suspend_refuses_half_an_order(staff: Client, given: dict[str, str], told: str) -> None:
    make_user("mallory")
    boss = make_user("boss", is_staff=True)
    housekeeping.suspend(account=make_user("eve"), by=boss, reason="Sells copies.")

    answer = staff.post(ADD, given)

    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert Suspension.objects.get().reason == "Sells copies."


def test_suspending_and_lifting_want_their_permissions(staff_with: StaffWith) -> None:
    account = make_user()
    suspension = housekeeping.suspend(account=account, by=make_user(), reason="Sells copies.")
    lift = f"/admin/catalog/suspension/{suspension.pk}/lift/"

    statuses = [
        staff_with("view_suspension").post(ADD, {"account": account.username, "reason": "Again."}).status_code,
        staff_with("add_suspension").post(lift, {"reason": "Mercy."}).status_code,
        staff_with("change_suspension").post(lift, {"reason": "Mercy."}).status_code,
    ]

    assert statuses == [403, 403, 302]


@pytest.mark.parametrize("action", ["delete", "change"])
def test_suspensions_are_not_edited(staff: Client, action: str) -> None:
    suspension = housekeeping.suspend(account=make_user(), by=make_user(), reason="Sells copies.")

    answer = staff.post(f"/admin/catalog/suspension/{suspension.pk}/{action}/", {"post": "yes", "reason": "Other."})

    suspension.refresh_from_db()
    assert answer.status_code == 403
    assert suspension.reason == "Sells copies."
