"""The inbox and the banner: what is open, what it means, what mends it; taking one on is audited."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations import conf
from recommendations.alarms import inbox
from recommendations.alarms.kinds import KINDS
from recommendations.models import Alarm

pytestmark = pytest.mark.django_db

INBOX = reverse("admin:recommendations_alarm_changelist")


def make_alarm(code: str = "consumer_dead", subject: str = "store") -> Alarm:
    now = conf.now()
    detail = f"No consumer of {subject} was seen."
    return Alarm.objects.create(code=code, subject=subject, detail=detail, raised_at=now, seen_at=now)


def acknowledge(client: Client, alarm: Alarm, note: str = "on it") -> int:
    address = reverse("admin:alarm-acknowledge", args=[alarm.pk])
    return client.post(address, {"note": note}).status_code


def make_staff(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("night", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_inbox_says_what_each_alarm_means_and_what_mends_it(admin_client: Client) -> None:
    make_alarm()

    page = admin_client.get(INBOX).content.decode()

    assert KINDS["consumer_dead"].meaning in page
    assert "python manage.py consume_events --group store" in page
    assert "No consumer of store was seen." in page


def test_every_kind_can_be_shown(admin_client: Client) -> None:
    for code in [*KINDS, "of_another_release"]:
        make_alarm(code, subject="")

    page = admin_client.get(INBOX)

    assert page.status_code == 200
    assert page.content.decode().count('class="alarm-command"') == len(KINDS) + 1


def test_banner_stands_on_every_admin_page_until_somebody_takes_the_alarm_on(admin_client: Client) -> None:
    alarm = make_alarm()
    pages = [reverse("admin:index"), reverse("admin:catalog_product_changelist"), INBOX]

    before = ["alarm-banner-urgent" in admin_client.get(page).content.decode() for page in pages]
    status = acknowledge(admin_client, alarm)
    after = ["alarm-banner" in admin_client.get(page).content.decode() for page in pages]

    assert (before, status, after) == ([True] * 3, 302, [False] * 3)


def test_acknowledgement_names_who_and_why_and_is_logged_once(admin_client: Client) -> None:
    alarm = make_alarm()

    acknowledge(admin_client, alarm, "restarting it")
    acknowledge(make_staff("view_alarm", "change_alarm"), alarm, "me too")

    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.note) == ("admin", "restarting it")
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.change_message) == (str(alarm.pk), "Acknowledged: restarting it")


def test_who_may_only_look_cannot_take_it_on() -> None:
    alarm = make_alarm()
    client = make_staff("view_alarm")

    page = client.get(INBOX)

    assert page.status_code == 200
    assert "<button" not in page.content.decode().split("alarm-past")[0].split("alarm-inbox")[1]
    assert acknowledge(client, alarm) == 403
    assert client.get(reverse("admin:alarm-acknowledge", args=[alarm.pk])).status_code == 405


def test_shoppers_and_strangers_see_neither_inbox_nor_banner(client: Client) -> None:
    alarm = make_alarm()

    login_page = client.get(INBOX, follow=True).content.decode()

    assert "alarm-banner" not in login_page
    assert acknowledge(client, alarm) == 302
    assert Alarm.objects.unacknowledged().count() == 1


def test_note_that_is_too_long_is_refused(admin_client: Client) -> None:
    alarm = make_alarm()

    acknowledge(admin_client, alarm, "x" * (inbox.MAX_NOTE + 1))

    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None


def test_banner_costs_one_query_and_then_none() -> None:
    make_alarm()

    with CaptureQueriesContext(connection) as first:
        inbox.banner()
    with CaptureQueriesContext(connection) as again:
        inbox.banner()

    assert (len(first), len(again)) == (1, 0)


def test_nothing_is_added_changed_or_deleted_by_hand(admin_client: Client) -> None:
    alarm = make_alarm()

    assert admin_client.get(reverse("admin:recommendations_alarm_add")).status_code == 403
    assert admin_client.post(reverse("admin:recommendations_alarm_delete", args=[alarm.pk])).status_code == 403
    assert admin_client.get(reverse("admin:recommendations_alarm_change", args=[alarm.pk])).status_code == 200
