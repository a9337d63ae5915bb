"""Mail about orders ends by its link alone: on its page, or by the mail program with one click."""

import pytest
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from storefront.accounts.models import User
from storefront.letters.sending import send_letters
from storefront.letters.stopping import SALT, header_fields, make_stop_token
from storefront.letters.writing import write_letters
from tests.factories.letters import make_reader
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
# As RFC 8058 has it, in both of the encodings that it allows.
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORM = "application/x-www-form-urlencoded"
ENCODED = [
    pytest.param("List-Unsubscribe=One-Click", FORM, id="urlencoded"),
    pytest.param(ONE_CLICK, MULTIPART_CONTENT, id="multipart"),
]


@pytest.fixture
def program() -> Client:
    """A mail program: no cookie, no page before, and the check of the CSRF token as the shop has it."""
    return Client(enforce_csrf_checks=True)


def link_of(account: User) -> str:
    return reverse("stop-mail", args=[make_stop_token(account)])


def wants_mail(account: User) -> bool:
    account.refresh_from_db()
    return account.order_mail


def made_up_tokens(account: User) -> dict[str, str]:
    token = make_stop_token(account)
    other = Signer(salt="something-else").sign(str(account.pk))
    gone = Signer(salt=SALT).sign(str(2**40))
    return {
        "cut off": token[:-3],
        "of another": f"{account.pk + 1}{token[token.index(':') :]}",
        "other": other,
        "gone": gone,
    }


@pytest.mark.parametrize(("body", "kind"), ENCODED)
def test_mail_program_ends_letters_with_one_click(program: Client, body: object, kind: str) -> None:
    ann, bob = make_reader("ann"), make_reader("bob")

    answer = program.post(link_of(ann), body, content_type=kind)

    assert (wants_mail(ann), wants_mail(bob)) == (False, True)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "No more mail about orders will come.\n"
    assert "no-store" in answer["Cache-Control"]


def test_one_click_stops_what_was_already_written(program: Client) -> None:
    write_letters()
    ann = make_reader("ann")
    make_order(buyer=ann)
    write_letters()

    program.post(link_of(ann), ONE_CLICK)

    assert send_letters() == 0
    assert mail.outbox == []


def test_one_click_may_come_twice(program: Client) -> None:
    ann = make_reader("ann")

    statuses = [program.post(link_of(ann), ONE_CLICK).status_code for _ in range(2)]

    assert (statuses, wants_mail(ann)) == ([200, 200], False)


@pytest.mark.parametrize("method", ["get", "head"])
def test_link_that_is_opened_ahead_of_its_reader_changes_nothing(program: Client, method: str) -> None:
    ann = make_reader("ann")

    answer = getattr(program, method)(link_of(ann), ONE_CLICK)

    assert (answer.status_code, wants_mail(ann)) == (200, True)


def test_page_asks_with_a_button_that_needs_no_cookie(program: Client) -> None:
    ann = make_reader("ann")

    asked = program.get(link_of(ann)).content.decode()
    done = program.post(link_of(ann)).content.decode()

    assert '<form method="post"><button' in asked
    assert "Send me none of it" in asked
    assert "No more mail about orders will come." in done
    assert "<h1>" in done
    assert not wants_mail(ann)


@pytest.mark.parametrize("what", ["cut off", "of another", "other", "gone"])
def test_link_that_is_not_ours_is_told_so_and_stops_nobodys_mail(program: Client, what: str) -> None:
    ann, bob = make_reader("ann"), make_reader("bob")
    address = reverse("stop-mail", args=[made_up_tokens(ann)[what]])

    of_program, of_button, shown = program.post(address, ONE_CLICK), program.post(address), program.get(address)

    assert [answer.status_code for answer in (of_program, of_button, shown)] == [410, 410, 410]
    assert of_program.content.decode().startswith("This link is not one of ours")
    assert "/accounts/" in shown.content.decode()
    assert wants_mail(ann)
    assert wants_mail(bob)


def test_made_up_link_asks_the_database_nothing(
    program: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("stop-mail", args=["1:made-up"])

    with django_assert_num_queries(0):
        answer = program.post(address, ONE_CLICK)

    assert answer.status_code == 410


def test_one_click_signs_nobody_in_and_reads_nobodys_account(program: Client) -> None:
    ann = make_reader("ann")

    answer = program.post(link_of(ann), ONE_CLICK)

    assert "_auth_user_id" not in program.session
    assert "ann" not in answer.content.decode()


def test_header_of_a_letter_names_the_link_and_the_one_click(settings: Settings, program: Client) -> None:
    settings.SHOP_ORIGIN = "https://shop.example"
    write_letters()
    ann = make_reader("ann")
    make_order(buyer=ann)
    write_letters()
    send_letters()
    (message,) = mail.outbox
    header = message.message()

    program.post(header["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example"), ONE_CLICK)

    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not wants_mail(ann)


def test_one_click_is_offered_over_https_alone() -> None:
    fields = header_fields("http://127.0.0.1:8000/accounts/mail/stop/1:x/")

    assert fields == {"List-Unsubscribe": "<http://127.0.0.1:8000/accounts/mail/stop/1:x/>"}
