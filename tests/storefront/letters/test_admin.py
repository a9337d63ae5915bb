"""Staff read letters by standing, and have those that failed sent again where they may."""

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from storefront.letters import again
from storefront.letters.models import Letter
from storefront.letters.sending import send_letters
from storefront.letters.writing import write_letters
from tests.factories.accounts import sign_in_staff
from tests.factories.letters import make_reader
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
StaffWith = Callable[..., Client]
LIST = "/admin/letters/letter/"
WARNING = "May have arrived already"


@pytest.fixture(autouse=True)
def begun() -> None:
    write_letters()


@pytest.fixture
def staff_with() -> StaffWith:
    """The browser of somebody with these permissions about letters alone."""

    return partial(sign_in_staff, "letters")


@pytest.fixture
def staff(staff_with: StaffWith) -> Client:
    return staff_with("view_letter", "change_letter")


def make_letter(name: str, status: str = "waiting") -> Letter:
    order = make_order(buyer=make_reader(name))
    write_letters()
    Letter.objects.filter(step__order=order).update(status=status)
    return Letter.objects.get(step__order=order)


def chosen(*letters: Letter, confirmed: bool = False) -> dict[str, object]:
    """What the list's form sends, or the page that asks."""
    sent: dict[str, object] = {"action": "send_again", "_selected_action": [letter.pk for letter in letters]}
    return {**sent, "confirmed": "yes"} if confirmed else sent


def status_of(letter: Letter) -> str:
    letter.refresh_from_db()
    return letter.status


def test_letters_are_listed_with_account_order_news_and_standing_and_no_address(staff: Client) -> None:
    letter = make_letter("ann", "unsure")

    page = staff.get(LIST).content.decode()

    assert "1 letter" in page
    assert ">ann<" in page
    assert "You bought" in page
    assert "Unsure" in page
    assert f"/admin/catalog/order/{letter.step.order_id}/change/" in page
    assert "ann@example.com" not in page + staff.get(f"{LIST}{letter.pk}/change/").content.decode()


def test_letters_are_narrowed_by_standing(staff: Client) -> None:
    make_letter("ann", "refused")
    make_letter("bea", "sent")

    page = staff.get(f"{LIST}?status__exact=refused").content.decode()

    assert (">ann<" in page, ">bea<" in page) == (True, False)


def test_letters_are_found_by_the_orders_number_and_by_name(staff: Client) -> None:
    ann, bea = make_letter("ann"), make_letter("bea")
    # Neither is a part of the other.
    of_number = make_letter(f"{ann.step.order_id + bea.step.order_id + 1000}")

    pages = {
        words: staff.get(LIST, {"q": words}).content.decode()
        for words in (str(ann.step.order_id), "be", of_number.account.get_username(), "9" * 40)
    }

    shown = [
        [letter.pk for letter in (ann, bea, of_number) if f"{LIST}{letter.pk}/" in page] for page in pages.values()
    ]
    assert shown == [[ann.pk], [bea.pk], [of_number.pk], []]


def test_list_asks_the_same_questions_however_long_it_is(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("ann", "bea", "cid", "dan"):
        make_letter(name)
    # What is kept between requests is there.
    staff.get(LIST)

    with django_assert_num_queries(6):
        page = staff.get(LIST)

    assert "4 letters" in page.content.decode()


def test_nothing_is_done_before_it_is_confirmed(staff: Client) -> None:
    unsure, sent = make_letter("ann", "unsure"), make_letter("bea", "sent")

    page = staff.post(LIST, chosen(unsure, sent)).content.decode()

    assert f"{WARNING}: 1." in page
    assert f'name="_selected_action" value="{unsure.pk}"' in page
    assert f'name="_selected_action" value="{sent.pk}"' not in page
    assert status_of(unsure) == "unsure"
    assert not LogEntry.objects.exists()


def test_refused_letters_alone_come_with_no_warning(staff: Client) -> None:
    page = staff.post(LIST, chosen(make_letter("ann", "refused"))).content.decode()

    assert "Send 1 again" in page
    assert WARNING not in page


def test_confirmed_letters_leave_and_stay_in_the_log_with_how_they_stood(staff: Client) -> None:
    refused, unsure, sent = make_letter("ann", "refused"), make_letter("bea", "unsure"), make_letter("cid", "sent")

    answer = staff.post(LIST, chosen(refused, unsure, sent, confirmed=True), follow=True)
    send_letters()

    assert "To be sent again: 2." in answer.content.decode()
    assert {message.to[0] for message in mail.outbox} == {"ann@example.com", "bea@example.com"}
    assert {(entry.object_id, entry.get_change_message()) for entry in LogEntry.objects.all()} == {
        (str(refused.pk), "To be sent again; it was refused."),
        (str(unsure.pk), "To be sent again; it was unsure."),
    }


def test_more_than_a_page_shows_waits_for_another_turn(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "MOST_AT_ONCE", 2)
    letters = [make_letter(name, "refused") for name in ("ann", "bea", "cid")]

    page = staff.post(LIST, chosen(*letters)).content.decode()
    staff.post(LIST, chosen(*letters, confirmed=True))

    assert "These are the newest 2" in page
    assert [status_of(letter) for letter in letters] == ["refused", "waiting", "waiting"]


def test_asking_says_so_where_nothing_failed(staff: Client) -> None:
    sent = make_letter("ann", "sent")

    answer = staff.post(LIST, chosen(sent, confirmed=True), follow=True)

    assert "None of these was refused or is unsure." in answer.content.decode()
    assert status_of(sent) == "sent"


def test_who_may_only_look_sees_no_action_and_can_do_none(staff_with: StaffWith) -> None:
    unsure, reader = make_letter("ann", "unsure"), staff_with("view_letter")

    page = reader.get(LIST)
    reader.post(LIST, chosen(unsure, confirmed=True))

    assert page.status_code == 200
    assert "send_again" not in page.content.decode()
    assert status_of(unsure) == "unsure"
    assert not LogEntry.objects.exists()


def test_who_may_not_look_at_letters_finds_none(staff_with: StaffWith) -> None:
    letter, stranger = make_letter("ann", "unsure"), staff_with()

    answers = [stranger.get(LIST), stranger.get(f"{LIST}{letter.pk}/change/"), stranger.post(LIST, chosen(letter))]

    assert {answer.status_code for answer in answers} == {403}


@pytest.mark.parametrize("address", ["add/", "{}/delete/"])
def test_letters_are_neither_added_nor_deleted_by_hand(staff: Client, address: str) -> None:
    letter = make_letter("ann")

    answer = staff.post(LIST + address.format(letter.pk), {"post": "yes"})

    assert answer.status_code == 403
    assert Letter.objects.count() == 1


def test_letter_is_not_changed_by_hand(staff: Client) -> None:
    letter = make_letter("ann", "unsure")

    answer = staff.post(f"{LIST}{letter.pk}/change/", {"status": "sent"})

    assert answer.status_code == 403
    assert status_of(letter) == "unsure"
