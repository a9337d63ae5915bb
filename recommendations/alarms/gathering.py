"""Asks database and Valkey for the facts that alarms and metrics are made of."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from redis.exceptions import RedisError

from recommendations import conf, items, monitoring
from recommendations.alarms.facts import (
    AnswerFacts,
    Bounds,
    ChangeFacts,
    Facts,
    FailedRun,
    GroupFacts,
    LetterFacts,
    MoneyFacts,
    RampFacts,
    RotationFacts,
    StateStoreFacts,
    StreamFacts,
)
from recommendations.events import outbox, pulse
from recommendations.events.connections import worker_client
from recommendations.events.stream import EventStream, all_groups
from recommendations.events.streams import open_stream
from recommendations.exceptions import StreamUnavailable
from recommendations.models import Interaction, LiveCampaign, OutboxInteraction, RetrainRun, Rotation
from recommendations.retrain_status import RetrainStatus
from recommendations.serving.fallback import Rung

ANSWER_MINUTES = 10
BEAT = "beat"


def _takes_no_money() -> MoneyFacts | None:
    return None


def _writes_no_letters() -> LetterFacts | None:
    return None


_ask_ramps: Callable[[], Iterable[RampFacts]] = tuple
_ask_money = _takes_no_money
_ask_letters = _writes_no_letters


def ask_ramps_of(source: Callable[[], Iterable[RampFacts]]) -> None:
    """Have stopped ramps told by the project, which alone knows whether it tests anything; by default there are none.

    Args:
        source: asked at every look; it reads the database and nothing else.
    """
    global _ask_ramps
    _ask_ramps = source


def ask_money_of(source: Callable[[], MoneyFacts | None]) -> None:
    """Have waiting payments told by the project, which alone knows whether it takes any; by default there are none.

    Args:
        source: asked at every look; it reads the database and nothing else.
    """
    global _ask_money
    _ask_money = source


def ask_letters_of(source: Callable[[], LetterFacts | None]) -> None:
    """Have mail that waits or failed told by the project, which alone knows whether it writes any; by default none.

    Args:
        source: asked at every look; it reads the database and nothing else.
    """
    global _ask_letters
    _ask_letters = source


def gather(*, patience_s: float = 0.0) -> Facts:
    """What is known of the shop now.

    Args:
        patience_s: how long a Valkey that does not answer may take to restart before it counts as away, in seconds.

    Returns:
        The facts; those that only Valkey knows are None while it is out of reach.

    Raises:
        DatabaseError: the database is out of reach.
    """
    newest = Interaction.objects.order_by("-event_id").values_list("occurred_at", flat=True).first()
    return Facts(
        now=conf.now(),
        rotations=tuple(
            _rotation(key) for key in Rotation.objects.filter(is_active=True).values_list("key", flat=True)
        ),
        newest_interaction_at=newest,
        n_outbox=OutboxInteraction.objects.count(),
        outbox_oldest_at=outbox.oldest_waiting_at(),
        changes=ChangeFacts(*items.oldest_change()),
        state_store=_state_store(patience_s),
        ramps=tuple(_ask_ramps()),
        money=_ask_money(),
        letters=_ask_letters(),
    )


def bounds() -> Bounds:
    """From where on a fact is an alarm, as the settings say."""
    usual = Bounds()
    return Bounds(
        model_age=timedelta(hours=conf.alarm_model_age_h()),
        fallback_share=conf.alarm_fallback_share(),
        lag_s=conf.alarm_lag_s(),
        # Seconds and minutes to a human, in a world whose time may run faster.
        outbox_age=usual.outbox_age * conf.clock_rate(),
        payment_age=usual.payment_age * conf.clock_rate(),
        letter_age=usual.letter_age * conf.clock_rate(),
    )


def _rotation(key: str) -> RotationFacts:
    live = LiveCampaign.objects.select_related("deployment").filter(rotation_id=key).first()
    trained_at: datetime | None = (live.deployment.trained_at or live.swapped_at) if live is not None else None
    ended = (RetrainStatus.SUCCEEDED, RetrainStatus.FAILED)
    last = RetrainRun.objects.filter(rotation_id=key, status__in=ended).order_by("-finished_at", "-pk").first()
    if last is None or last.status != RetrainStatus.FAILED:
        return RotationFacts(key, trained_at)
    return RotationFacts(key, trained_at, FailedRun(last.pk, last.failure_step, last.failure_reason, last.failure_fix))


def _state_store(patience_s: float) -> StateStoreFacts | None:
    try:
        return _ask_state_store()
    except (RedisError, OSError, StreamUnavailable):
        if not patience_s:
            return None
    time.sleep(patience_s)
    return _state_store(0.0)


def _ask_state_store() -> StateStoreFacts:
    client = worker_client()
    stream = open_stream()
    now_s = pulse.time_s(client)
    return StateStoreFacts(
        stream=StreamFacts(
            stream.length(),
            conf.stream_max_length(),
            tuple(_group(stream, g, now_s) for g in all_groups()),
            stream.n_dead_letters(),
        ),
        answers=_answers(),
        open_breakers=pulse.open_breakers(client),
        beat_silent_s=pulse.silent_s(BEAT, client),
    )


def _group(stream: EventStream, name: str, now_s: float) -> GroupFacts:
    since_s = stream.waiting_since_s(name)
    lag_s = max(0.0, now_s - since_s) if since_s is not None else 0.0
    return GroupFacts(name, stream.lag(name), lag_s, stream.seen_s(name))


def _answers() -> AnswerFacts:
    counted: dict[str, float] = {}
    for minute in pulse.last_minutes(ANSWER_MINUTES):
        for name, n in minute.items():
            if name.startswith(monitoring.ANSWER):
                counted[name] = counted.get(name, 0) + n
    n_asked = int(sum(counted.values()))
    return AnswerFacts(n_asked, n_asked - int(counted.get(monitoring.ANSWER + Rung.PERSONAL, 0)))
