"""Letters that failed are sent again when staff say so, and no others."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from pytest_django import Settings

from catalog import conf
from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from storefront.letters import again
from storefront.letters.again import send_again
from storefront.letters.models import Letter
from storefront.letters.sending import MOST_TRIES, send_letters
from storefront.letters.writing import write_letters
from storefront.waiting_letters import find_waiting_letters
from tests.factories.drops import set_clock
from tests.factories.letters import make_reader
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
Status = Letter.Status


@pytest.fixture(autouse=True)
def begun() -> None:
    write_letters()


def make_letter(name: str, status: str) -> Letter:
    """A letter of a purchase, as it stands after its attempts."""
    order = make_order(buyer=make_reader(name))
    write_letters()
    letter = Letter.objects.get(step__order=order)
    letter.status, letter.n_tries = status, MOST_TRIES
    letter.save()
    return letter


def test_letters_that_failed_leave_with_the_next_tick() -> None:
    refused, unsure = make_letter("ann", Status.REFUSED), make_letter("bea", Status.UNSURE)

    found = send_again([refused.pk, unsure.pk])
    n_sent = send_letters()

    assert [(letter.pk, letter.status) for letter in found] == [(refused.pk, "refused"), (unsure.pk, "unsure")]
    assert n_sent == 2
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["bea@example.com"]]
    assert list(Letter.objects.values_list("status", "n_tries")) == [("sent", 1), ("sent", 1)]


@pytest.mark.parametrize("status", [each for each in Status if each not in {Status.REFUSED, Status.UNSURE}])
def test_letter_that_did_not_fail_stays_as_it_is(status: str) -> None:
    letter = make_letter("ann", status)

    found = send_again([letter.pk])

    letter.refresh_from_db()
    assert (found, letter.status, letter.n_tries, letter.again_at) == ([], status, MOST_TRIES, None)


def test_letter_is_sent_again_once_however_often_it_is_asked_for() -> None:
    letter = make_letter("ann", Status.UNSURE)

    n_found = [len(send_again([letter.pk])) for _ in range(2)]
    send_letters()
    n_found.append(len(send_again([letter.pk])))

    assert n_found == [1, 0, 0]
    assert len(mail.outbox) == 1


def test_letter_that_newer_mail_has_overtaken_does_not_leave() -> None:
    bob = make_reader("bob")
    order = make_order(OrderStatus.PAID, seller=bob)
    write_letters()
    paid = Letter.objects.get(step__to_status=OrderStatus.PAID)
    Letter.objects.update(status=Status.REFUSED)
    life.ship(order_id=order.pk, seller=bob)

    send_again([paid.pk])
    n_sent = send_letters()

    paid.refresh_from_db()
    assert (n_sent, paid.status) == (0, "overtaken")


def test_letter_that_is_sent_again_has_waited_since_then_alone(settings: Settings, tmp_path: Path) -> None:
    letter = make_letter("ann", Status.UNSURE)
    set_clock(settings, tmp_path, conf.now() + timedelta(hours=5))

    send_again([letter.pk])

    found = find_waiting_letters()
    assert (found.n_waiting, found.n_unsure) == (1, 0)
    assert found.oldest_waiting_at is not None
    assert conf.now() - found.oldest_waiting_at < timedelta(minutes=1)


def test_no_more_letters_are_sent_again_than_a_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "MOST_AT_ONCE", 2)
    made = [make_letter(name, Status.REFUSED).pk for name in ("ann", "bea", "cid")]

    found = send_again(made)

    assert [letter.pk for letter in found] == made[:2]
