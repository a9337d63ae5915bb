import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from pytest_django import Settings

from storefront.access import tokens as api_tokens
from storefront.accounts import resetting
from storefront.accounts.tasks import send_reset_links
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ORIGIN = "https://shop.example"
NEW = "quite-another-secret-2"
NEW_TWICE = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture(autouse=True)
def sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker would do is done when it is sent."""
    monkeypatch.setattr(send_reset_links, "delay", send_reset_links.run)


def link_in(message: Any) -> str:
    (link,) = re.findall(r"https?://[^/\s]+(/accounts/password/new/\S+)", message.body)
    return str(link)


def ask(client: Client, email: str) -> None:
    answer = client.post("/accounts/password/lost/", {"email": email})
    assert answer["Location"] == "/accounts/password/lost/sent/"


def open_link(client: Client, link: str) -> str:
    """The page of the link: the token goes into the session, not into what the browser sends on."""
    answer = client.get(link)
    assert answer.status_code == 302
    assert "/set-password/" in answer["Location"]
    return str(answer["Location"])


def can_sign_in(name: str, password: str) -> bool:
    client = Client()
    client.post("/accounts/sign-in/", {"username": name, "password": password})
    return "_auth_user_id" in client.session


def test_lost_password_is_set_anew_by_the_link_in_the_mail(client: Client) -> None:
    make_user(username="ada", email="ada@example.com")
    ask(client, "ADA@example.com")
    (message,) = mail.outbox

    form = open_link(client, link_in(message))
    answer = client.post(form, NEW_TWICE)

    assert message.to == ["ada@example.com"]
    assert "Hello ada" in message.body
    assert "within 60 minutes" in message.body
    assert answer["Location"] == "/accounts/sign-in/?new-password=1"
    assert can_sign_in("ada", NEW)
    assert not can_sign_in("ada", PASSWORD)


def test_link_works_once(client: Client) -> None:
    make_user(email="ada@example.com")
    ask(client, "ada@example.com")
    link = link_in(mail.outbox[0])
    client.post(open_link(client, link), NEW_TWICE)

    answer = Client().get(link)

    assert answer.status_code == 410
    assert "not valid any more" in answer.content.decode()


def test_link_ends_after_an_hour_of_the_worlds_time(client: Client, settings: Settings) -> None:
    class Later:
        def now(self) -> Any:
            return clock.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 2)

    make_user(email="ada@example.com")
    ask(client, "ada@example.com")
    clock = settings.CLOCK

    settings.CLOCK = Later()
    answer = client.get(link_in(mail.outbox[0]))

    assert answer.status_code == 410


@pytest.mark.parametrize("link", ["MQ/abc-def", "%00/x", "zzzz/set-password", "MQ/set-password", "9" * 90 + "/a-b"])
def test_link_that_is_not_ours_is_refused(client: Client, link: str) -> None:
    make_user()

    answer = client.get(f"/accounts/password/new/{link}/")

    assert answer.status_code == 410


def test_new_password_signs_every_device_out_and_ends_every_token(client: Client) -> None:
    user = make_user(username="ada", email="ada@example.com")
    other = Client()
    other.post("/accounts/sign-in/", {"username": "ada", "password": PASSWORD})
    token = api_tokens.issue(account=user, name="phone").token
    ask(client, "ada@example.com")

    client.post(open_link(client, link_in(mail.outbox[0])), NEW_TWICE)

    assert other.get("/accounts/").status_code == 302
    assert api_tokens.find(token) is None


def test_lost_password_answers_alike_whoever_is_known(client: Client) -> None:
    make_user(email="ada@example.com")
    make_user(email="closed@example.com", is_active=False)
    make_user(email="")

    answers = [
        client.post("/accounts/password/lost/", {"email": email}, follow=True).content
        for email in ("ada@example.com", "closed@example.com", "nobody@example.com")
    ]

    assert len(set(answers)) == 1
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a b@example.com", "x" * 300 + "@example.com", "a@b.c\x00"])
def test_lost_password_names_what_is_wrong_with_the_address(client: Client, email: str) -> None:
    answer = client.post("/accounts/password/lost/", {"email": email})

    assert answer.status_code == 400
    assert 'class="errorlist"' in answer.content.decode()
    assert mail.outbox == []


def test_lost_password_says_when_no_mail_can_be_sent(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(send_reset_links, "delay", fail)

    answer = client.post("/accounts/password/lost/", {"email": "ada@example.com"})

    assert answer.status_code == 503
    assert "No mail can be sent at the moment" in answer.content.decode()


def test_mail_server_that_is_away_is_logged_and_ends_the_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise SMTPServerDisconnected("gone")

    make_user(email="ada@example.com")
    monkeypatch.setattr(resetting, "send_mail", fail)

    send_reset_links("ada@example.com", ORIGIN)

    assert "not sent" in caplog.text


def test_page_asks_no_database_who_is_known(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(send_reset_links, "delay", lambda *given: sent.append(given))
    with CaptureQueriesContext(connection) as queries:
        ask(client, "ada@example.com")

    assert sent == [("ada@example.com", "http://testserver")]
    assert not [query for query in queries if "accounts_user" in query["sql"]]


def test_links_to_one_address_are_bounded() -> None:
    for _ in range(resetting.MOST_ACCOUNTS + 3):
        make_user(email="family@example.com")

    n_sent = resetting.send_links("family@example.com", origin=ORIGIN)

    assert n_sent == resetting.MOST_ACCOUNTS == len(mail.outbox)
    assert len({link_in(message) for message in mail.outbox}) == n_sent


def test_change_of_password_keeps_this_device_and_signs_the_others_out(client: Client) -> None:
    user = make_user(username="ada")
    here, there = Client(), Client()
    for device in (here, there):
        device.post("/accounts/sign-in/", {"username": "ada", "password": PASSWORD})
    token = api_tokens.issue(account=user, name="phone").token

    answer = here.post("/accounts/password/", {"old_password": PASSWORD, **NEW_TWICE})

    assert answer["Location"] == "/accounts/?saved=password"
    assert here.get("/accounts/").status_code == 200
    assert there.get("/accounts/").status_code == 302
    assert api_tokens.find(token) is None
    assert can_sign_in("ada", NEW)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"old_password": "wrong", **NEW_TWICE}, "This is not your password"),
        ({"old_password": PASSWORD, "new_password1": NEW, "new_password2": "other"}, "differ"),
        ({"old_password": PASSWORD, "new_password1": "123", "new_password2": "123"}, "too short"),
    ],
)
def test_change_of_password_names_what_is_wrong(client: Client, form: dict[str, str], words: str) -> None:
    user = make_user()
    client.force_login(user)

    page = client.post("/accounts/password/", form).content.decode()

    user.refresh_from_db()
    assert words in page
    assert user.check_password(PASSWORD)


def test_pages_of_the_account_ask_who_one_is(client: Client) -> None:
    answers = [client.get(address)["Location"] for address in ("/accounts/", "/accounts/password/")]

    assert answers == ["/accounts/sign-in/?next=/accounts/", "/accounts/sign-in/?next=/accounts/password/"]
