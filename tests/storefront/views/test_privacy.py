"""The shopper's own choice about what the shop remembers."""

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, make_user

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
