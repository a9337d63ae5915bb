"""A session of staff ends twelve hours after its last page of the admin; a shopper's lasts."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from catalog import conf
from storefront.access import idling
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.drops import set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    make_user("ada", is_staff=True, is_superuser=True)
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    return client


def test_staff_is_signed_out_of_an_idle_browser(staff: Client) -> None:
    before = staff.get("/admin/")
    left_s = staff.session.get_expiry_age()
    kept = Session.objects.get()
    kept.expire_date -= timedelta(seconds=idling.IDLE_S + 1)
    kept.save()

    after = staff.get("/admin/")

    assert before.status_code == 200
    assert left_s <= 12 * 3600
    assert after.headers["Location"].startswith("/admin/login/")


def test_work_in_the_admin_moves_the_end_on_once_an_hour(staff: Client, settings: Settings, tmp_path: Path) -> None:
    began, ends = conf.now(), Session.objects.get().expire_date
    staff.get("/admin/")
    at_once = Session.objects.get().expire_date
    set_clock(settings, tmp_path, began + timedelta(hours=1, minutes=1))

    staff.get("/admin/")

    assert at_once == ends
    assert Session.objects.get().expire_date > ends


def test_who_becomes_staff_has_the_shorter_session_from_the_first_page_of_the_admin(client: Client) -> None:
    bob = make_user("bob")
    client.post("/accounts/sign-in/", {"username": "bob", "password": PASSWORD})
    client.get("/admin/")
    before_s = client.session.get_expiry_age()
    bob.is_staff = True
    bob.save()

    client.get("/admin/")

    assert client.session.get_expiry_age() <= idling.IDLE_S < before_s


def test_shoppers_session_keeps_its_length(client: Client, settings: Settings) -> None:
    make_user("bob")

    client.post("/accounts/sign-in/", {"username": "bob", "password": PASSWORD})

    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert idling.RENEWED not in client.session
