"""The tick and the command: look, tell, and list."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings
from redis import Redis

from recommendations.alarms import inbox
from recommendations.alarms.gathering import BEAT
from recommendations.events import pulse
from recommendations.models import Alarm
from recommendations.tasks import watch_alarms
from storefront.clock import Clock
from tests.recommendations.alarms.conftest import make_live_campaign, move

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop_runs")]


def test_tick_beats_looks_and_tells_once(clock: Clock, settings: Settings, valkey: Redis) -> None:
    settings.ALARM_EMAILS = ("ops@example.com",)
    make_live_campaign()
    move(clock, timedelta(hours=40))
    valkey.delete(pulse.HEARTBEATS)

    for _ in range(3):
        watch_alarms()

    assert [message.subject for message in mail.outbox] == ["Alarm: The live model is old (home)"]
    silent_s = pulse.silent_s(BEAT)
    assert silent_s is not None
    assert silent_s < 60


def test_command_lists_what_is_open_and_ends_with_one(clock: Clock) -> None:
    make_live_campaign()
    move(clock, timedelta(hours=40))
    told = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("alarms", look=True, stdout=told)

    assert ended.value.code == 1
    assert "The live model is old (home)" in told.getvalue()
    assert "$ python manage.py retrain home" in told.getvalue()


def test_command_without_alarms_ends_well() -> None:
    told = StringIO()

    call_command("alarms", stdout=told)

    assert told.getvalue() == "Nothing needs you.\n"


def test_first_to_take_an_alarm_on_stays_named(clock: Clock) -> None:
    make_live_campaign()
    move(clock, timedelta(hours=40))
    watch_alarms()
    alarm = Alarm.objects.get()

    inbox.acknowledge(alarm.pk, actor="anna", note="retraining")
    again = inbox.acknowledge(alarm.pk, actor="ben")

    assert (again.acknowledged_by, again.note) == ("anna", "retraining")
