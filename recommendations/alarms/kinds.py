"""The table of alarms: what each means, what mends it, and its condition as a pure function of the facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from recommendations.alarms.facts import Bounds, Facts, RampFacts, StateStoreFacts

# Less than a minute, so that the next look confirms.
LOOK_AGAIN_S = 50.0
CONSUME = "python manage.py consume_events --group {subject}"


class Severity(StrEnum):
    """How soon somebody must look."""

    NOW = "now"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that holds: of what, in words, and in figures."""

    subject: str
    detail: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


# None is: cannot be told, so that nothing is raised and nothing is cleared.
Condition = Callable[[Facts, Bounds], Sequence[Finding] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm.

    `command` is what mends it, with the alarm's subject put in. `confirm_s` is how long looks must have found the
    condition before it counts: a shop that starts up has no consumers yet and a past that waits to be read.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    command: str
    condition: Condition
    confirm_s: float = 0.0

    def command_for(self, subject: str) -> str:
        """The command for one alarm of this kind."""
        return self.command.format(subject=subject)


def _run_failed(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [
        Finding(
            rotation.key,
            f"Run {failed.run} failed at {failed.step}: {failed.reason} {failed.fix}",
            {"retrain_run": failed.run, "step": failed.step},
        )
        for rotation in facts.rotations
        if (failed := rotation.failed_run) is not None
    ]


def _model_old(facts: Facts, bounds: Bounds) -> list[Finding]:
    return [
        Finding(
            rotation.key,
            f"The live model was trained {_spelled(age)} ago; at most {_spelled(bounds.model_age)} is right.",
            {"age_h": _hours(age)},
        )
        for rotation in facts.rotations
        if (age := _since(rotation.trained_at, facts.now)) is not None and age > bounds.model_age
    ]


def _data_stale(facts: Facts, bounds: Bounds) -> list[Finding]:
    age = _since(facts.newest_interaction_at, facts.now)
    if age is None or age <= bounds.data_age:
        return []
    return [Finding("", f"The newest interaction in the store is {_spelled(age)} old.", {"age_h": _hours(age)})]


def _ramp_rolled_back(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [_stopped(ramp, facts.now) for ramp in facts.ramps if ramp.is_rolled_back]


def _ramp_held(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [_stopped(ramp, facts.now) for ramp in facts.ramps if not ramp.is_rolled_back]


def _stopped(ramp: RampFacts, now: datetime) -> Finding:
    return Finding(ramp.key, ramp.reason, {"stopped_h": _hours(now - ramp.stopped_at)})


def _outbox_stuck(facts: Facts, bounds: Bounds) -> list[Finding]:
    age = _since(facts.outbox_oldest_at, facts.now)
    if age is None or age <= bounds.outbox_age:
        return []
    detail = f"{facts.n_outbox} purchases wait in the outbox, the oldest for {_spelled(age)}."
    return [Finding("", detail, {"n_waiting": facts.n_outbox, "age_s": round(age.total_seconds())})]


def _state_store_down(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [Finding("", "Valkey does not answer.")] if facts.state_store is None else []


def _breaker_open(store: StateStoreFacts, _bounds: Bounds) -> list[Finding]:
    if not store.open_breakers:
        return []
    detail = f"The recommender failed several times in a row, as seen by {', '.join(store.open_breakers)}."
    return [Finding("", detail, {"n_processes": len(store.open_breakers)})]


def _fallback_share(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    answers = store.answers
    if answers.n_asked < bounds.fallback_n_asked or answers.fallback_share <= bounds.fallback_share:
        return []
    detail = f"{answers.n_fallback} of the last {answers.n_asked} personal rows came from a lower rung."
    return [Finding("", detail, {"share": round(answers.fallback_share, 3), "n_asked": answers.n_asked})]


def _stream_lag(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    stream = store.stream
    is_filling = stream.length > bounds.stream_share * stream.max_length
    return [
        Finding(
            group.name,
            f"{group.n_waiting:,} entries wait for the group {group.name}, the oldest for "
            f"{_spelled(timedelta(seconds=group.lag_s))}; the stream holds {stream.length:,} of {stream.max_length:,}.",
            {"n_waiting": group.n_waiting, "lag_s": round(group.lag_s), "length": stream.length},
        )
        for group in stream.groups
        if group.lag_s > bounds.lag_s or (is_filling and group.n_waiting > stream.length / 2)
    ]


def _events_given_up(store: StateStoreFacts, _bounds: Bounds) -> list[Finding]:
    n = store.stream.n_dead_letters
    if not n:
        return []
    return [Finding("", f"{n:,} entries of the event stream were given up on.", {"n_entries": n})]


def _consumer_dead(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    return [
        Finding(
            group.name,
            f"No consumer of the group {group.name} "
            + ("is there." if group.seen_s is None else f"was seen for {_spelled(timedelta(seconds=group.seen_s))}."),
            {} if group.seen_s is None else {"silent_s": round(group.seen_s)},
        )
        for group in store.stream.groups
        if group.seen_s is None or group.seen_s > bounds.consumer_silent_s
    ]


def _beat_silent(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    silent_s = store.beat_silent_s
    if silent_s is None or silent_s <= bounds.beat_silent_s:
        return []
    detail = f"No periodic task has come through for {_spelled(timedelta(seconds=silent_s))}."
    return [Finding("", detail, {"silent_s": round(silent_s)})]


def _of_store(condition: Callable[[StateStoreFacts, Bounds], list[Finding]]) -> Condition:
    return lambda facts, bounds: condition(facts.state_store, bounds) if facts.state_store is not None else None


_ALL = (
    Kind(
        "run_failed",
        "A retrain failed",
        Severity.TODAY,
        "The live campaign goes on serving, and grows older. The run's own page says which step failed and why.",
        "python manage.py retrain {subject}",
        _run_failed,
    ),
    Kind(
        "model_old",
        "The live model is old",
        Severity.TODAY,
        "No retrain has succeeded for more than a night: lists fit tastes of the day before yesterday.",
        "python manage.py retrain {subject}",
        _model_old,
    ),
    Kind(
        "breaker_open",
        "The recommender is cut off",
        Severity.NOW,
        "Its calls failed or took too long, so pages do not ask it; last good and popular lists serve meanwhile. The "
        "breaker tries again every ten seconds and closes by itself; if the failures began with a swap, roll back.",
        "python manage.py alarms --look",
        _of_store(_breaker_open),
    ),
    Kind(
        "fallback_share",
        "Too few personal rows",
        Severity.TODAY,
        "Shoppers with a history get lists of a lower rung: the recommender fails, is too slow, or knows too few items "
        "that are for sale.",
        "python manage.py retrain",
        _of_store(_fallback_share),
    ),
    Kind(
        "stream_lag",
        "Events are stored late",
        Severity.NOW,
        "The group does not keep up. Nothing is lost before the stream is full; then views and clicks are refused.",
        CONSUME,
        _of_store(_stream_lag),
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "consumer_dead",
        "Nobody reads the events",
        Severity.NOW,
        "The group has no living consumer: its events pile up in the stream, and homepages stop learning from them.",
        CONSUME,
        _of_store(_consumer_dead),
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "events_given_up",
        "Events were given up on",
        Severity.TODAY,
        "A consumer group failed on them again and again, so that the others could go on without them. They are kept: "
        "see why, mend it, and send them again.",
        "python manage.py dead_letters",
        _of_store(_events_given_up),
    ),
    Kind(
        "outbox_stuck",
        "Purchases wait in the outbox",
        Severity.NOW,
        "The relay in the event consumers' process does not run, or the stream refuses; nothing is lost meanwhile.",
        "python manage.py consume_events",
        _outbox_stuck,
        confirm_s=LOOK_AGAIN_S,
    ),
    Kind(
        "beat_silent",
        "The clockwork stands still",
        Severity.NOW,
        "Beat or the worker is down or stuck: no retrain will start tonight, and shared lists are not refreshed.",
        "python -m celery --app storefront beat --scheduler redbeat.RedBeatScheduler",
        _of_store(_beat_silent),
        confirm_s=2 * LOOK_AGAIN_S,
    ),
    Kind(
        "state_store_down",
        "Valkey is out of reach",
        Severity.NOW,
        "Pages go on from memory and database. Views and clicks wait in each process, ten thousand of them; tasks and "
        "homepages that learn wait for Valkey.",
        "redis-cli -u $REDIS_URL ping",
        _state_store_down,
    ),
    Kind(
        "ramp_rolled_back",
        "An experiment was rolled back",
        Severity.TODAY,
        "A guardrail was broken, so that nobody sees the feature any more; shoppers get the page as it was. Its ramp "
        "page has the figure and the limit.",
        'python manage.py ramp {subject} stop --reason "mended; a new phase follows"',
        _ramp_rolled_back,
    ),
    Kind(
        "ramp_held",
        "An experiment is held",
        Severity.TODAY,
        "Its data cannot be trusted, so that no step follows before somebody has looked; who sees the feature goes on "
        "seeing it.",
        'python manage.py ramp {subject} resume --reason "looked at and explained"',
        _ramp_held,
    ),
    Kind(
        "data_stale",
        "No new interactions",
        Severity.TODAY,
        "Nobody used the shop for a day, or what they did is not recorded; the next model would learn nothing new.",
        "python manage.py consume_events",
        _data_stale,
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.code: kind for kind in _ALL})


def _since(moment: datetime | None, now: datetime) -> timedelta | None:
    return now - moment if moment is not None else None


def _hours(age: timedelta) -> float:
    return round(age.total_seconds() / 3600, 1)


def _spelled(age: timedelta) -> str:
    seconds = age.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
