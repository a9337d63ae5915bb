"""Takes notices of alarms to e-mail and webhook: claimed one by one, tried again later, given up after a day."""

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from smtplib import SMTPException
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from django.core.mail import send_mail
from django.db.models import F

from recommendations import conf
from recommendations.alarms.kinds import KINDS
from recommendations.models import Alarm, AlarmNotice

logger = logging.getLogger(__name__)

MAX_AT_ONCE = 20
# A round of deliveries must not hold up the worker.
ROUND_S = 15.0
TIMEOUT_S = 3.0
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
MAX_TRIES = 12
ANSWER_BYTES = 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotDelivered(Exception):
    """A channel did not take a notice; the message says why and carries no address."""


def is_safe_webhook(url: str) -> bool:
    """Whether a webhook's address is https, or plain http that does not leave this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def write_notices(alarm: Alarm, event: AlarmNotice.Event, now: datetime) -> None:
    """Write a notice for each channel that is set up; call within the transaction that changes the alarm."""
    channels = []
    if conf.alarm_emails():
        channels.append(AlarmNotice.Channel.EMAIL)
    if conf.alarm_webhook_url():
        channels.append(AlarmNotice.Channel.WEBHOOK)
    AlarmNotice.objects.bulk_create(
        [AlarmNotice(alarm=alarm, channel=channel, event=event, created_at=now, due_at=now) for channel in channels],
        ignore_conflicts=True,
    )


def deliver_due() -> int:
    """Try every notice that is due, oldest first, within the time of a round; returns how many were delivered."""
    give_up_at = time.monotonic() + ROUND_S
    n_delivered = 0
    due = AlarmNotice.objects.filter(due_at__lte=conf.now()).select_related("alarm").order_by("due_at", "pk")
    for notice in due[:MAX_AT_ONCE]:
        if time.monotonic() >= give_up_at:
            break
        if _claim(notice):
            n_delivered += _try(notice)
    return n_delivered


def message_of(notice: AlarmNotice) -> tuple[str, str]:
    """Subject and text of a notice: what it means, what is known, and the command that mends it."""
    alarm, kind = notice.alarm, KINDS.get(notice.alarm.code)
    title = kind.title if kind else alarm.code
    about = f" ({alarm.subject})" if alarm.subject else ""
    if notice.event == AlarmNotice.Event.CLEARED:
        return f"Over: {title}{about}", f"{title}{about}: the condition has ended.\n\nIt was: {alarm.detail}\n"
    lines = [alarm.detail, ""]
    if kind:
        lines += [f"What it means: {kind.meaning}", "", f"What mends it: {kind.command_for(alarm.subject)}", ""]
    lines += [f"Since {alarm.raised_at:%Y-%m-%d %H:%M} UTC. Acknowledge it in the admin, under Alarms."]
    return f"Alarm: {title}{about}", "\n".join(lines)


def _claim(notice: AlarmNotice) -> bool:
    """Put off the next try before this one, so that nobody else tries now and a crash does not end it."""
    pause = min(FIRST_PAUSE * 2**notice.n_tries, LONGEST_PAUSE)
    mine = AlarmNotice.objects.filter(pk=notice.pk, n_tries=notice.n_tries, due_at__isnull=False)
    claimed = mine.update(due_at=conf.now() + pause, n_tries=F("n_tries") + 1)
    notice.n_tries += 1
    return bool(claimed)


def _try(notice: AlarmNotice) -> bool:
    try:
        SENDERS[AlarmNotice.Channel(notice.channel)](notice)
    except NotDelivered as error:
        fields: dict[str, Any] = {"error": str(error)[:200]}
        if notice.n_tries >= MAX_TRIES:
            fields["due_at"] = None
            logger.error("A notice of an alarm was given up.", extra={"code": "notice_given_up"})
        else:
            logger.warning("A notice of an alarm was not delivered: %s", error, extra={"code": "notice_not_delivered"})
        AlarmNotice.objects.filter(pk=notice.pk).update(**fields)
        return False
    AlarmNotice.objects.filter(pk=notice.pk).update(delivered_at=conf.now(), due_at=None, error="")
    return True


def _send_email(notice: AlarmNotice) -> None:
    subject, text = message_of(notice)
    try:
        send_mail(subject, text, None, list(conf.alarm_emails()))
    except (SMTPException, OSError) as error:
        raise NotDelivered(f"the mail server refused or did not answer ({type(error).__name__})") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that leads elsewhere is an error, so that nobody's redirect decides where alarms go."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _call_webhook(notice: AlarmNotice) -> None:
    url = conf.alarm_webhook_url()
    if not is_safe_webhook(url):
        raise NotDelivered("ALARM_WEBHOOK_URL is neither https nor on this machine")
    body = json.dumps(_payload(notice)).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect())
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            answer.read(ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDelivered(f"the webhook answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotDelivered(f"the webhook did not answer ({type(error).__name__})") from error


def _payload(notice: AlarmNotice) -> dict[str, Any]:
    """`text` is what chat services show; the rest is for machines."""
    alarm, kind = notice.alarm, KINDS.get(notice.alarm.code)
    subject, text = message_of(notice)
    return {
        "text": f"{subject}\n{text}",
        "event": notice.event,
        "notice": notice.pk,
        "alarm": {
            "id": alarm.pk,
            "code": alarm.code,
            "subject": alarm.subject,
            "severity": kind.severity.value if kind else "",
            "detail": alarm.detail,
            "meaning": kind.meaning if kind else "",
            "command": kind.command_for(alarm.subject) if kind else "",
            "facts": alarm.facts,
            "raised_at": alarm.raised_at.isoformat(),
            "cleared_at": alarm.cleared_at.isoformat() if alarm.cleared_at else None,
        },
    }


SENDERS: Mapping[AlarmNotice.Channel, Callable[[AlarmNotice], None]] = MappingProxyType(
    {AlarmNotice.Channel.EMAIL: _send_email, AlarmNotice.Channel.WEBHOOK: _call_webhook}
)
