"""Mail that stops leaving raises an alarm, and so does what failed; both end by themselves."""

from datetime import timedelta
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import conf
from recommendations.alarms import kinds, watch
from recommendations.alarms.facts import LetterFacts
from recommendations.alarms.inbox import told
from recommendations.events import pulse
from recommendations.events.connections import worker_client
from recommendations.models import Alarm
from storefront.letters import sending, tasks
from storefront.letters.models import Bookmark, Letter
from storefront.letters.sending import send_letters
from storefront.letters.writing import write_letters
from storefront.waiting_letters import FAILED_LATELY, find_waiting_letters
from tests.factories.drops import set_clock
from tests.factories.letters import ScriptedServer, make_reader
from tests.factories.orders import make_order

NOBODY = SMTPRecipientsRefused({"ann@example.com": (550, b"no such user")})
BROKEN = SMTPServerDisconnected("the line broke")
BUSY = SMTPDataError(451, b"try again later")
CODES = {"letters_waiting", "letters_failed"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def begun() -> None:
    write_letters()


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many minutes have passed at Valkey; it remembers no suspicion."""
    real, passed = pulse.time_s, [0]
    worker_client().delete(pulse.SUSPECTED)
    monkeypatch.setattr(pulse, "time_s", lambda client: real(client) + 60 * passed[0])
    return passed


def owe(*names: str) -> None:
    """A letter to each."""
    for name in names:
        make_order(buyer=make_reader(name))
    write_letters()


def answer_with(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    monkeypatch.setattr(sending, "get_connection", lambda: server)


def look(minutes: list[int]) -> set[str]:
    """The codes of mail's alarms that stand after two looks a minute apart."""
    for _ in range(2):
        minutes[0] += 1
        watch.look(patience_s=0)
    return set(Alarm.objects.still_open().filter(code__in=CODES).values_list("code", flat=True))


def test_shop_without_letters_has_nothing_to_tell(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Bookmark.objects.all().delete()

    with django_assert_num_queries(3):
        found = find_waiting_letters()

    assert found == LetterFacts()


def test_mail_server_that_is_away_for_an_hour_raises_an_alarm_that_ends_when_letters_leave(
    monkeypatch: pytest.MonkeyPatch, minutes: list[int]
) -> None:
    began = conf.now()
    owe("ann", "bea")
    answer_with(monkeypatch, ScriptedServer(away=ConnectionRefusedError("nobody is there")))
    tasks.tell_of_orders()

    with settings.CLOCK.at(began + timedelta(minutes=59)):
        early = look(minutes)
    with settings.CLOCK.at(began + timedelta(minutes=61)):
        late = look(minutes)
        answer_with(monkeypatch, ScriptedServer())
        tasks.tell_of_orders()
        after = look(minutes)

    alarm = Alarm.objects.get(code="letters_waiting")
    assert (early, late, after) == (set(), {"letters_waiting"}, set())
    assert alarm.detail == "Letters that have not left: 2, the oldest for 61 min."
    assert told(alarm).command == kinds.KINDS["letters_waiting"].command == "python manage.py send_letters"


def test_orders_that_nobody_goes_through_raise_an_alarm(minutes: list[int]) -> None:
    began = conf.now()
    make_order(buyer=make_reader("ann"))

    with settings.CLOCK.at(began + timedelta(minutes=61)):
        late = look(minutes)
        write_letters()
        send_letters()
        after = look(minutes)

    assert (late, after) == ({"letters_waiting"}, set())
    detail = Alarm.objects.get(code="letters_waiting").detail
    assert detail == "What happened to orders in the last 61 min is not written to anybody."


def test_old_pile_that_a_shop_starts_up_with_raises_nothing(
    minutes: list[int], settings: Settings, tmp_path: Path
) -> None:
    owe("ann")
    set_clock(settings, tmp_path, conf.now() + timedelta(hours=9))

    watch.look(patience_s=0)
    tasks.tell_of_orders()

    assert look(minutes) == set()


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (NOBODY, "Letters that were refused: 1; that may not have arrived: 0."),
        (BROKEN, "Letters that were refused: 0; that may not have arrived: 1."),
    ],
)
def test_letter_that_failed_raises_an_alarm_for_a_day(
    monkeypatch: pytest.MonkeyPatch,
    minutes: list[int],
    settings: Settings,
    tmp_path: Path,
    answer: Exception,
    detail: str,
) -> None:
    owe("ann")
    quiet = look(minutes)
    answer_with(monkeypatch, ScriptedServer(answer))
    send_letters()

    standing = look(minutes)
    set_clock(settings, tmp_path, conf.now() + FAILED_LATELY + timedelta(seconds=1))

    assert (quiet, standing, look(minutes)) == (set(), {"letters_failed"}, set())
    assert Alarm.objects.get(code="letters_failed").detail == detail


def test_letter_that_is_to_be_tried_again_has_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    owe("ann")
    answer_with(monkeypatch, ScriptedServer(BUSY))

    send_letters()

    found = find_waiting_letters()
    assert (found.n_waiting, found.n_refused, found.n_unsure) == (1, 0, 0)


def test_failed_letters_are_found_by_their_index() -> None:
    failed = Letter.objects.filter(status__in=["refused", "unsure"], try_at__gt=conf.now()).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = failed.explain()

    assert "letter_failed" in plan
