from collections.abc import Callable
from io import StringIO
from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
from django.core.management import CommandError, call_command

from storefront.letters import sending
from storefront.letters.models import Letter
from storefront.letters.sending import send_letters
from storefront.letters.writing import write_letters
from tests.factories.letters import ScriptedServer, make_reader
from tests.factories.orders import make_order

Listen = Callable[[ScriptedServer], ScriptedServer]

pytestmark = pytest.mark.django_db


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Listen:
    def listen(server: ScriptedServer) -> ScriptedServer:
        monkeypatch.setattr(sending, "get_connection", lambda: server)
        return server

    return listen


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_letters", *arguments, stdout=out)
    return out.getvalue()


def owe_and_fail(listen: Listen) -> int:
    """One letter put off by the server, and one that it will never take; the latter's order."""
    write_letters()
    make_order(buyer=make_reader("ann"))
    refused = make_order(buyer=make_reader("bea"))
    write_letters()
    never = SMTPRecipientsRefused({"bea@example.com": (550, b"no such user")})
    listen(ScriptedServer(SMTPDataError(451, b"try again later"), never))
    send_letters()
    return refused.pk


def test_letter_that_was_put_off_leaves_at_once_and_one_that_failed_does_not(listen: Listen) -> None:
    owe_and_fail(listen)
    server = listen(ScriptedServer())

    said = run()

    assert server.taken == ["ann@example.com"]
    assert said.startswith("1 sent.\n0 wait.\n1 were refused")


def test_steps_that_nobody_went_through_are_written_and_sent(listen: Listen) -> None:
    write_letters()
    make_order(buyer=make_reader("ann"))
    server = listen(ScriptedServer())

    run()

    assert server.taken == ["ann@example.com"]


def test_list_names_what_failed_without_an_address_and_sends_nothing(listen: Listen) -> None:
    order_id = owe_and_fail(listen)
    server = listen(ScriptedServer())

    said = run("--list")

    assert server.taken == []
    assert "1 wait." in said
    assert f"Order {order_id}, to bea: refused; 1 attempts" in said
    assert "@" not in said


def test_server_that_is_away_is_named_with_the_setting_and_loses_nothing(listen: Listen) -> None:
    owe_and_fail(listen)
    listen(ScriptedServer(away=ConnectionRefusedError("nobody is there")))

    with pytest.raises(CommandError, match=r"nobody is there. See whether EMAIL_URL"):
        run()

    assert Letter.objects.filter(status=Letter.Status.WAITING).count() == 1
