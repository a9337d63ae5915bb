"""The shopper's own choice about what the shop remembers."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from recommendations.events import cookie, recent
from recommendations.events.cookie import Consent, Visit
from recommendations.models import LiveErasure
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db


def test_privacy_switches_recording_off_and_on_again(client: Client) -> None:
    client.post("/privacy/choice/", {"choice": "no"})
    off = client.get("/privacy/").content.decode()
    client.post("/privacy/choice/", {"choice": "yes"})
    on = client.get("/privacy/").content.decode()

    assert "Recording is off" in off
    assert "Recording is on" in on


def test_privacy_says_that_the_browsers_signal_is_a_no(client: Client) -> None:
    page = client.get("/privacy/", headers={"Sec-GPC": "1"}).content.decode()

    assert "Recording is off" in page
    assert "Global Privacy Control" in page


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_privacy_choice_never_leads_off_the_site(client: Client, back: str) -> None:
    answer = client.post("/privacy/choice/", {"choice": "no", "next": back})

    assert answer["Location"] == "/privacy/?saved=1"


def test_privacy_choice_refuses_what_is_neither_yes_nor_no(client: Client) -> None:
    answer = client.post("/privacy/choice/", {"choice": "maybe"})

    assert answer.status_code == 400
    assert b"choice: must be yes, no or forget" in answer.content


def test_forgotten_device_is_signed_out_and_holds_no_trace_of_the_account(client: Client) -> None:
    user = make_user()
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})

    client.post("/privacy/choice/", {"choice": "forget"})

    user.refresh_from_db()
    assert user.shopper_key
    assert user.shopper_key not in client.cookies["shopper"].value
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("choice", ["no", "forget"])
def test_no_and_forget_erase_what_is_kept_ready_of_the_device(client: Client, choice: str) -> None:
    client.get("/privacy/")
    visit = cookie.read(client.cookies["shopper"].value)
    assert visit is not None
    recent.handle([make_interaction(shopper_key=visit.shopper_key)])

    client.post("/privacy/choice/", {"choice": choice})

    assert recent.recent(visit.shopper_key) == []
    assert LiveErasure.objects.filter(shopper_key=visit.shopper_key).exists()


def test_yes_erases_nothing(client: Client) -> None:
    client.get("/privacy/")

    client.post("/privacy/choice/", {"choice": "yes"})

    assert not LiveErasure.objects.exists()


def test_signed_in_no_erases_the_accounts_too(client: Client) -> None:
    user = make_user(shopper_key=uuid4().hex)
    recent.handle([make_interaction(shopper_key=user.shopper_key)])
    client.get("/privacy/")
    client.force_login(user)

    client.post("/privacy/choice/", {"choice": "no"})

    assert recent.recent(str(user.shopper_key)) == []


def test_refusal_keeps_no_time_in_its_cookie(client: Client) -> None:
    client.post("/privacy/choice/", {"choice": "no"})

    assert cookie.read(client.cookies["shopper"].value) == Visit("", "", 0, Consent.REFUSED)


def test_no_counts_while_valkey_is_away(client: Client, settings: Settings) -> None:
    client.get("/privacy/")
    settings.STATE_URL = "unix:///nonexistent/valkey.sock"

    client.post("/privacy/choice/", {"choice": "no"})

    assert "Recording is off" in client.get("/privacy/").content.decode()
    assert LiveErasure.objects.count() == 1


def test_privacy_says_what_is_erased_and_what_stays(client: Client, settings: Settings) -> None:
    settings.RETENTION_MONTHS = 7

    page = client.get("/privacy/").content.decode()

    assert "What is erased, and what stays" in page
    assert "7 full months" in page
