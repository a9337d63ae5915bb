"""Letters leave once: what the server refused waits, what it may have taken is never sent again."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from catalog import conf
from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from storefront.letters import sending, tasks
from storefront.letters.models import Letter
from storefront.letters.sending import give_up_abandoned, prune_letters, send_letters
from storefront.letters.writing import write_letters
from storefront.logs import CleanTextFormatter
from tests.factories.drops import set_clock
from tests.factories.letters import ScriptedServer, make_reader
from tests.factories.orders import make_order

BUSY = SMTPDataError(451, b"try again later")
NEVER = SMTPRecipientsRefused({"ann@example.com": (550, b"no such user")})
NOT_YOU = SMTPSenderRefused(550, b"daily quota exceeded", "shop@example.com")
CLOSING = SMTPSenderRefused(421, b"too many messages, closing", "shop@example.com")


@pytest.fixture
def begun(db: None) -> None:
    write_letters()


@pytest.fixture
def owed(begun: None) -> None:
    """One letter to ann and one to bea, in this order."""
    for name in ("ann", "bea"):
        make_order(buyer=make_reader(name))
    write_letters()


def listen(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> ScriptedServer:
    monkeypatch.setattr(sending, "get_connection", lambda: server)
    return server


def statuses() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.usefixtures("owed")
def test_letter_leaves_once() -> None:
    counts = [send_letters() for _ in range(2)]

    assert counts == [2, 0]
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["bea@example.com"]]
    assert statuses() == ["sent", "sent"]


@pytest.mark.usefixtures("begun")
def test_match_and_payment_make_one_letter_to_the_seller() -> None:
    make_order(OrderStatus.PAID, buyer=make_reader("ann"), seller=make_reader("bob"))
    write_letters()

    send_letters()

    assert sorted((message.to[0], message.subject.partition(":")[0]) for message in mail.outbox) == [
        ("ann@example.com", "You bought"),
        ("bob@example.com", "Sold and paid, please ship"),
    ]
    assert sorted(statuses()) == ["overtaken", "sent", "sent"]


@pytest.mark.usefixtures("begun")
def test_seller_who_has_shipped_is_not_asked_to_ship() -> None:
    bob = make_reader("bob")
    order = make_order(OrderStatus.PAID, seller=bob)
    write_letters()
    life.ship(order_id=order.pk, seller=bob)

    send_letters()

    assert mail.outbox == []
    assert statuses() == ["overtaken", "overtaken"]


@pytest.mark.usefixtures("owed")
def test_pile_of_letters_that_nobody_wants_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOOKED_AT", 1)
    for letter in Letter.objects.filter(account__username="ann"):
        letter.account.order_mail = False
        letter.account.save()

    n_sent = send_letters()

    assert (n_sent, statuses()) == (1, ["unwanted", "sent"])


@pytest.mark.usefixtures("owed")
def test_letter_that_is_no_longer_wanted_does_not_leave() -> None:
    letter = Letter.objects.order_by("pk")[0]
    letter.account.order_mail = False
    letter.account.save()

    send_letters()

    assert [message.to for message in mail.outbox] == [["bea@example.com"]]
    assert statuses() == ["unwanted", "sent"]


@pytest.mark.usefixtures("owed")
def test_everything_waits_while_the_server_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listen(monkeypatch, ScriptedServer(away=ConnectionRefusedError("nobody is there")))

    with caplog.at_level(logging.WARNING):
        tasks.tell_of_orders()

    assert statuses() == ["waiting", "waiting"]
    assert not Letter.objects.exclude(n_tries=0).exists()
    assert [getattr(record, "code", "") for record in caplog.records] == ["mail_failed"]


@pytest.mark.usefixtures("owed")
def test_refused_letter_is_tried_again_later_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    server = listen(monkeypatch, ScriptedServer(BUSY))

    send_letters()
    at_once = send_letters()
    after_first = list(server.taken)
    set_clock(settings, tmp_path, conf.now() + sending.FIRST_PAUSE + timedelta(seconds=1))
    send_letters()

    assert (at_once, after_first) == (0, ["bea@example.com"])
    assert server.taken == ["bea@example.com", "ann@example.com"]
    assert statuses() == ["sent", "sent"]


@pytest.mark.usefixtures("owed")
def test_letter_that_will_never_be_taken_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    server = listen(monkeypatch, ScriptedServer(NEVER))

    send_letters()

    assert server.taken == ["bea@example.com"]
    assert statuses() == ["refused", "sent"]


@pytest.mark.usefixtures("owed")
def test_what_the_server_says_is_in_the_log_with_the_order_and_without_an_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listen(monkeypatch, ScriptedServer(BUSY, NEVER))

    send_letters()

    told = [(getattr(record, "code", ""), CleanTextFormatter().format(record)) for record in caplog.records]
    assert [code for code, _ in told] == ["letter_put_off", "letter_put_off", "letter_refused"]
    assert "451, b'try again later'" in told[0][1]
    assert "no such user" in told[1][1]
    assert not any("@" in line for _, line in told)
    order_ids = {record.__dict__["order_id"] for record in caplog.records}
    assert order_ids == set(Letter.objects.values_list("step__order", flat=True))


@pytest.mark.usefixtures("owed")
def test_letter_waits_while_the_shop_may_send_none(monkeypatch: pytest.MonkeyPatch) -> None:
    listen(monkeypatch, ScriptedServer(NOT_YOU, NOT_YOU))

    send_letters()

    assert statuses() == ["waiting", "waiting"]


@pytest.mark.usefixtures("owed")
def test_server_that_hangs_up_loses_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    server = listen(monkeypatch, ScriptedServer(CLOSING, SMTPServerDisconnected("please run connect() first")))

    n_sent = send_letters()
    after_first = statuses()
    listen(monkeypatch, ScriptedServer())
    send_letters()

    assert (n_sent, server.taken, after_first) == (0, [], ["waiting", "waiting"])
    assert statuses() == ["waiting", "sent"]


@pytest.mark.usefixtures("owed")
def test_letter_is_tried_so_often_and_no_more(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    listen(monkeypatch, ScriptedServer(*[BUSY] * 100))

    for day in range(1, sending.MOST_TRIES + 5):
        send_letters()
        set_clock(settings, tmp_path / str(day), conf.now() + sending.LONGEST_PAUSE + timedelta(seconds=1))

    assert statuses() == ["refused", "refused"]
    assert set(Letter.objects.values_list("n_tries", flat=True)) == {sending.MOST_TRIES}


@pytest.mark.usefixtures("owed")
def test_letter_that_may_have_been_taken_is_never_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = listen(monkeypatch, ScriptedServer(SMTPServerDisconnected("the line broke")))

    n_first, n_second = send_letters(), send_letters()

    assert (n_first, n_second, server.taken) == (0, 1, ["bea@example.com"])
    assert statuses() == ["unsure", "sent"]


@pytest.mark.usefixtures("owed")
def test_letter_over_which_a_process_died_is_never_sent_again(settings: Settings, tmp_path: Path) -> None:
    Letter.objects.update(status=Letter.Status.SENDING)

    early = give_up_abandoned()
    set_clock(settings, tmp_path, conf.now() + sending.ABANDONED_AFTER + timedelta(seconds=1))
    late = give_up_abandoned()

    assert (early, late) == (0, 2)
    assert send_letters() == 0
    assert mail.outbox == []


@pytest.mark.usefixtures("owed")
def test_old_letters_are_deleted_but_for_those_that_wait(settings: Settings, tmp_path: Path) -> None:
    Letter.objects.filter(account__username="ann").update(status=Letter.Status.SENT)
    set_clock(settings, tmp_path, conf.now() + sending.KEPT_FOR + timedelta(seconds=1))

    n_deleted = prune_letters()

    assert n_deleted == 1
    assert statuses() == ["waiting"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_no_letter_twice() -> None:
    write_letters()
    for number in range(8):
        make_order(buyer=make_reader(f"reader{number}"))

    def work(_worker: int) -> None:
        try:
            tasks.tell_of_orders()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(work, range(3)))
    tasks.tell_of_orders()

    assert sorted(message.to[0] for message in mail.outbox) == [f"reader{number}@example.com" for number in range(8)]
