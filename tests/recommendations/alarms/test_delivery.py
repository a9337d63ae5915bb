"""A notice goes out once by each channel, again later where it was refused, and nowhere it should not."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from recommendations import conf
from recommendations.alarms import delivery, watch
from recommendations.models import Alarm, AlarmNotice, Deployment
from storefront.clock import Clock
from tests.recommendations.alarms.conftest import make_live_campaign, move

pytestmark = pytest.mark.django_db


class Listener:
    """A webhook on this machine that answers as it is told, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[dict[str, Any]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.received.append(json.loads(body))
                self.send_response(listener.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"


@pytest.fixture
def webhook(settings: Settings) -> Iterator[Listener]:
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, daemon=True)
    thread.start()
    settings.ALARM_WEBHOOK_URL = listener.url
    yield listener
    listener.server.shutdown()
    listener.server.server_close()
    thread.join()


def make_alarm(code: str = "model_old") -> Alarm:
    now = conf.now()
    alarm = Alarm.objects.create(code=code, subject="home", detail="It is 40 h old.", raised_at=now, seen_at=now)
    delivery.write_notices(alarm, AlarmNotice.Event.RAISED, now)
    return alarm


def test_mail_says_what_it_means_and_what_mends_it_once(settings: Settings) -> None:
    settings.ALARM_EMAILS = ("ops@example.com", "night@example.com")
    make_alarm()

    delivered = [delivery.deliver_due(), delivery.deliver_due()]

    (message,) = mail.outbox
    assert delivered == [1, 0]
    assert message.to == ["ops@example.com", "night@example.com"]
    assert message.subject == "Alarm: The live model is old (home)"
    assert "python manage.py retrain home" in message.body
    assert "What it means: " in message.body


def test_webhook_gets_text_for_people_and_fields_for_machines(webhook: Listener) -> None:
    alarm = make_alarm()

    delivery.deliver_due()

    (sent,) = webhook.received
    assert sent["text"].startswith("Alarm: The live model is old (home)")
    assert (sent["event"], sent["alarm"]["id"], sent["alarm"]["code"]) == ("raised", alarm.pk, "model_old")
    assert sent["alarm"]["command"] == "python manage.py retrain home"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_refused_notice_comes_again_later_and_then_only_once(webhook: Listener, clock: Clock, status: int) -> None:
    make_alarm()
    webhook.status = status
    at_once = [delivery.deliver_due(), delivery.deliver_due()]
    webhook.status = 200
    move(clock, delivery.FIRST_PAUSE + timedelta(seconds=1))

    later = [delivery.deliver_due(), delivery.deliver_due()]

    assert (at_once, later, len(webhook.received)) == ([0, 0], [1, 0], 2)


def test_notice_is_given_up_after_its_tries(webhook: Listener, clock: Clock) -> None:
    make_alarm()
    webhook.status = 500
    for _ in range(delivery.MAX_TRIES + 2):
        delivery.deliver_due()
        move(clock, delivery.LONGEST_PAUSE + timedelta(minutes=1))

    (notice,) = AlarmNotice.objects.all()
    assert (notice.n_tries, notice.due_at, notice.delivered_at) == (delivery.MAX_TRIES, None, None)
    assert notice.error == "the webhook answered 500"
    assert len(webhook.received) == delivery.MAX_TRIES


def test_webhook_that_hangs_holds_up_nothing_for_long(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT_S", 0.2)
    silent = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    settings.ALARM_WEBHOOK_URL = f"http://127.0.0.1:{silent.server_port}/"
    settings.ALARM_EMAILS = ("ops@example.com",)
    make_alarm()

    n_delivered = delivery.deliver_due()
    silent.server_close()

    assert (n_delivered, len(mail.outbox)) == (1, 1)
    assert AlarmNotice.objects.get(channel="webhook").due_at is not None


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://hooks.example.com/x", True),
        ("http://127.0.0.1:9000/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:9000/", True),
        ("http://hooks.example.com/x", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost@example.com/", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1/", False),
        ("", False),
    ],
)
def test_webhook_may_be_https_or_on_this_machine(url: str, is_safe: bool) -> None:
    assert delivery.is_safe_webhook(url) is is_safe


def test_nothing_is_sent_to_an_unsafe_webhook(settings: Settings) -> None:
    settings.ALARM_WEBHOOK_URL = "http://hooks.example.com/x"
    make_alarm()

    assert delivery.deliver_due() == 0
    assert "neither https" in AlarmNotice.objects.get().error


@pytest.mark.usefixtures("shop_runs")
def test_raised_and_cleared_alarm_tells_both_once(webhook: Listener, clock: Clock) -> None:
    make_live_campaign()
    move(clock, timedelta(hours=40))
    for _ in range(3):
        watch.look(patience_s=0)
        delivery.deliver_due()
    Deployment.objects.update(trained_at=conf.now())
    for _ in range(4):
        watch.look(patience_s=0)
        delivery.deliver_due()

    told = [(sent["event"], sent["alarm"]["code"]) for sent in webhook.received]
    assert told == [("raised", "model_old"), ("cleared", "model_old")]
