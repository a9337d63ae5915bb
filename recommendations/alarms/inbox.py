"""The inbox: what is open, briefly for every admin page, and who took it on."""

import time
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from redis.exceptions import RedisError

from recommendations import conf
from recommendations.alarms.kinds import KINDS, Kind, Severity
from recommendations.alarms.watch import WATCH
from recommendations.events import pulse
from recommendations.exceptions import InvalidInput
from recommendations.models import Alarm

BANNER_TTL_S = 5.0
BANNER_SHOWS = 3
NOBODY_WATCHES_AFTER_S = 300.0
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """One open alarm as banner and inbox tell it."""

    alarm: Alarm
    kind: Kind | None

    @property
    def title(self) -> str:
        return self.kind.title if self.kind else self.alarm.code

    @property
    def meaning(self) -> str:
        return self.kind.meaning if self.kind else ""

    @property
    def command(self) -> str:
        return self.kind.command_for(self.alarm.subject) if self.kind else ""

    @property
    def is_urgent(self) -> bool:
        return self.kind is None or self.kind.severity is Severity.NOW


@dataclass(frozen=True, slots=True)
class Banner:
    """What every admin page says: open alarms that nobody has taken on, or that nobody watches."""

    shown: tuple[OpenAlarm, ...] = ()
    n_more: int = 0
    is_unwatched: bool = False

    @property
    def is_due(self) -> bool:
        return bool(self.shown) or self.is_unwatched

    @property
    def is_urgent(self) -> bool:
        return any(each.is_urgent for each in self.shown)


_banner: tuple[Banner, float] = (Banner(), -BANNER_TTL_S)


def banner() -> Banner:
    """The banner, at most five seconds old in each process: one query then, none in between."""
    global _banner
    held, read_at = _banner
    if time.monotonic() - read_at < BANNER_TTL_S:
        return held
    _banner = (_read_banner(), time.monotonic())
    return _banner[0]


def forget_banner() -> None:
    """Read the banner afresh when next asked; for tests, and after an acknowledgement."""
    global _banner
    _banner = (Banner(), -BANNER_TTL_S)


def open_alarms() -> list[OpenAlarm]:
    """All open alarms: those nobody has taken on first, then the urgent, then the newest."""
    alarms = [told(alarm) for alarm in Alarm.objects.still_open()]
    return sorted(alarms, key=lambda each: (each.alarm.acknowledged_at is not None, not each.is_urgent, -each.alarm.pk))


def told(alarm: Alarm) -> OpenAlarm:
    """The alarm beside what its kind says of it."""
    return OpenAlarm(alarm, KINDS.get(alarm.code))


def acknowledge(alarm_id: int, *, actor: str, note: str = "") -> Alarm:
    """Take an alarm on; the first to do so stays named.

    Args:
        alarm_id: of an alarm, open or cleared.
        actor: who takes it on.
        note: what they know or do, at most 500 characters.

    Returns:
        The alarm as it is now.

    Raises:
        InvalidInput: no such alarm, no actor, or a note too long.
    """
    if not actor:
        raise InvalidInput("actor is empty; sign in to acknowledge an alarm.")
    if len(note) > MAX_NOTE:
        raise InvalidInput(f"note has {len(note)} characters; at most {MAX_NOTE} are kept.")
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update().filter(pk=alarm_id).first()
        if alarm is None:
            raise InvalidInput(f"alarm {alarm_id} does not exist.")
        if alarm.acknowledged_at is None:
            alarm.acknowledged_by, alarm.acknowledged_at, alarm.note = actor, conf.now(), note
            alarm.save(update_fields=["acknowledged_by", "acknowledged_at", "note"])
    forget_banner()
    return alarm


def _read_banner() -> Banner:
    try:
        waiting = list(Alarm.objects.still_open().unacknowledged()[: BANNER_SHOWS + 20])
    except DatabaseError:
        return Banner()
    alarms = sorted((told(alarm) for alarm in waiting), key=lambda each: not each.is_urgent)
    return Banner(tuple(alarms[:BANNER_SHOWS]), max(0, len(alarms) - BANNER_SHOWS), _is_unwatched())


def _is_unwatched() -> bool:
    try:
        silent_s = pulse.silent_s(WATCH)
    except (RedisError, OSError):
        return True
    return silent_s is not None and silent_s > NOBODY_WATCHES_AFTER_S
