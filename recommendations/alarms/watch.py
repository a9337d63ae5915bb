"""A look at the shop: conditions that begin raise an alarm, once; those that have ended clear theirs."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from redis.exceptions import RedisError

from recommendations.alarms import delivery
from recommendations.alarms.conditions import Finding
from recommendations.alarms.facts import Facts
from recommendations.alarms.gathering import bounds, gather
from recommendations.alarms.kinds import KINDS, Kind
from recommendations.events import pulse
from recommendations.models import Alarm, AlarmNotice

logger = logging.getLogger(__name__)

WATCH = "watch"
# So many looks in a row must find nothing, so that what comes and goes is one alarm and not twenty.
CLEAR_AFTER_LOOKS = 2
# How long a look waits for a Valkey that may just be restarting.
PATIENCE_S = 3.0
STREAM_LENGTH = "stream_length"
STREAM_LAG = "stream_lag"
MODEL_AGE_H = "model_age_h"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look changed: alarms raised, and alarms cleared."""

    raised: tuple[Alarm, ...]
    cleared: tuple[Alarm, ...]


def look(*, patience_s: float = PATIENCE_S) -> Look:
    """Compare the shop with the table of alarms, and record what began and what ended.

    Any number of processes may look at the same time: the database lets one raise an alarm, and one clear it.

    Args:
        patience_s: see `gathering.gather`.

    Raises:
        DatabaseError: the database is out of reach, so that nothing could be recorded.
    """
    facts = gather(patience_s=patience_s)
    _take_pulse(facts)
    settled = bounds()
    raised: list[Alarm] = []
    cleared: list[Alarm] = []
    for kind in KINDS.values():
        findings = kind.condition(facts, settled)
        if findings is None:
            continue
        standing = {alarm.subject: alarm for alarm in Alarm.objects.still_open().filter(code=kind.code)}
        for finding in findings:
            alarm = standing.pop(finding.subject, None)
            if alarm is not None:
                _see_again(alarm, finding, facts.now)
            elif _is_confirmed(kind, finding) and (alarm := _raise(kind, finding, facts.now)) is not None:
                raised.append(alarm)
        _forget_suspicions(kind, {finding.subject for finding in findings})
        cleared += [alarm for alarm in standing.values() if _is_over(alarm, facts.now)]
    return Look(tuple(raised), tuple(cleared))


def _take_pulse(facts: Facts) -> None:
    """Say that somebody watches, and keep what was measured for the sparklines."""
    if facts.state_store is None:
        return
    stream = facts.state_store.stream
    gauges: dict[str, float] = {
        STREAM_LENGTH: stream.length,
        STREAM_LAG: max((group.n_waiting for group in stream.groups), default=0),
    }
    ages = [facts.now - rotation.trained_at for rotation in facts.rotations if rotation.trained_at is not None]
    if ages:
        gauges[MODEL_AGE_H] = max(ages).total_seconds() / 3600
    with suppress(RedisError):
        pulse.note(gauges)
        pulse.beat(WATCH)


def _is_confirmed(kind: Kind, finding: Finding) -> bool:
    if not kind.confirm_s:
        return True
    try:
        return pulse.held_for_s(_suspicion(kind, finding.subject), holds=True) >= kind.confirm_s
    except RedisError:
        return False


def _forget_suspicions(kind: Kind, subjects: set[str]) -> None:
    if kind.confirm_s:
        with suppress(RedisError):
            for suspicion in pulse.suspicions(f"{kind.code}:"):
                if suspicion.partition(":")[2] not in subjects:
                    pulse.held_for_s(suspicion, holds=False)


def _suspicion(kind: Kind, subject: str) -> str:
    return f"{kind.code}:{subject}"


def _raise(kind: Kind, finding: Finding, now: datetime) -> Alarm | None:
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(
                code=kind.code,
                subject=finding.subject,
                detail=finding.detail,
                facts=dict(finding.facts),
                raised_at=now,
                seen_at=now,
            )
            delivery.write_notices(alarm, AlarmNotice.Event.RAISED, now)
    except IntegrityError:
        # Somebody else raised it at the same moment.
        return None
    logger.error("alarm raised: %s", finding.detail, extra={"code": kind.code, "subject": finding.subject})
    return alarm


def _see_again(alarm: Alarm, finding: Finding, now: datetime) -> None:
    Alarm.objects.filter(pk=alarm.pk).still_open().update(
        seen_at=now, detail=finding.detail, facts=dict(finding.facts), n_quiet_looks=0
    )


def _is_over(alarm: Alarm, now: datetime) -> bool:
    """Count a look that did not find the condition; whether that was enough to clear the alarm."""
    mine = Alarm.objects.filter(pk=alarm.pk).still_open()
    if alarm.n_quiet_looks + 1 < CLEAR_AFTER_LOOKS:
        mine.update(n_quiet_looks=alarm.n_quiet_looks + 1)
        return False
    with transaction.atomic():
        if not mine.update(n_quiet_looks=alarm.n_quiet_looks + 1, cleared_at=now):
            return False
        delivery.write_notices(alarm, AlarmNotice.Event.CLEARED, now)
    logger.info("alarm cleared", extra={"code": alarm.code, "subject": alarm.subject})
    return True
