"""Conditions of alarms as pure functions of the facts: what holds now, of what, in words and in figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recommendations.alarms.facts import Bounds, Facts, RampFacts, StateStoreFacts


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that holds: of what, in words, and in figures."""

    subject: str
    detail: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


# None is: cannot be told, so that nothing is raised and nothing is cleared.
Condition = Callable[[Facts, Bounds], Sequence[Finding] | None]


def find_run_failed(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [
        Finding(
            rotation.key,
            f"Run {failed.run} failed at {failed.step}: {failed.reason} {failed.fix}",
            {"retrain_run": failed.run, "step": failed.step},
        )
        for rotation in facts.rotations
        if (failed := rotation.failed_run) is not None
    ]


def find_model_old(facts: Facts, bounds: Bounds) -> list[Finding]:
    return [
        Finding(
            rotation.key,
            f"The live model was trained {_spelled(age)} ago; at most {_spelled(bounds.model_age)} is right.",
            {"age_h": _hours(age)},
        )
        for rotation in facts.rotations
        if (age := _since(rotation.trained_at, facts.now)) is not None and age > bounds.model_age
    ]


def find_data_stale(facts: Facts, bounds: Bounds) -> list[Finding]:
    age = _since(facts.newest_interaction_at, facts.now)
    if age is None or age <= bounds.data_age:
        return []
    return [Finding("", f"The newest interaction in the store is {_spelled(age)} old.", {"age_h": _hours(age)})]


def find_ramp_rolled_back(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [_stopped(ramp, facts.now) for ramp in facts.ramps if ramp.is_rolled_back]


def find_ramp_held(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [_stopped(ramp, facts.now) for ramp in facts.ramps if not ramp.is_rolled_back]


def _stopped(ramp: RampFacts, now: datetime) -> Finding:
    return Finding(ramp.key, ramp.reason, {"stopped_h": _hours(now - ramp.stopped_at)})


def find_outbox_stuck(facts: Facts, bounds: Bounds) -> list[Finding]:
    age = _since(facts.outbox_oldest_at, facts.now)
    if age is None or age <= bounds.outbox_age:
        return []
    detail = f"{facts.n_outbox} purchases wait in the outbox, the oldest for {_spelled(age)}."
    return [Finding("", detail, {"n_waiting": facts.n_outbox, "age_s": round(age.total_seconds())})]


def find_payments_unanswered(facts: Facts, bounds: Bounds) -> list[Finding]:
    money = facts.money
    age = _since(money.oldest_asked_at, facts.now) if money is not None else None
    if money is None or age is None or age <= bounds.payment_age:
        return []
    detail = f"Payments without an answer: {money.n_unanswered}, the oldest for {_spelled(age)}."
    return [Finding("", detail, {"n_waiting": money.n_unanswered, "age_s": round(age.total_seconds())})]


def find_refunds_declined(facts: Facts, _bounds: Bounds) -> list[Finding]:
    n = facts.money.n_refunds_declined if facts.money is not None else 0
    if not n:
        return []
    return [Finding("", f"Refunds that were declined, and that nobody asked for again: {n}.", {"n_refunds": n})]


def find_letters_waiting(facts: Facts, bounds: Bounds) -> list[Finding]:
    letters = facts.letters
    if letters is None:
        return []
    waits, unwritten = (_since(at, facts.now) for at in (letters.oldest_waiting_at, letters.oldest_unwritten_at))
    told: list[str] = []
    if waits is not None and waits > bounds.letter_age:
        told.append(f"Letters that have not left: {letters.n_waiting}, the oldest for {_spelled(waits)}.")
    if unwritten is not None and unwritten > bounds.letter_age:
        told.append(f"What happened to orders in the last {_spelled(unwritten)} is not written to anybody.")
    ages = [round(age.total_seconds()) for age in (waits, unwritten) if age is not None]
    return [Finding("", " ".join(told), {"n_waiting": letters.n_waiting, "age_s": max(ages)})] if told else []


def find_letters_failed(facts: Facts, _bounds: Bounds) -> list[Finding]:
    letters = facts.letters
    if letters is None or not letters.n_refused + letters.n_unsure:
        return []
    detail = f"Letters that were refused: {letters.n_refused}; that may not have arrived: {letters.n_unsure}."
    return [Finding("", detail, {"n_refused": letters.n_refused, "n_unsure": letters.n_unsure})]


def find_changes_stuck(facts: Facts, _bounds: Bounds) -> list[Finding]:
    waiting = facts.changes
    if not waiting.n_waiting:
        return []
    # By its number, so that two looks find the same one waiting and not one after another.
    detail = f"{waiting.n_waiting:,} changes of products wait to be told to the campaigns."
    return [Finding(str(waiting.oldest), detail, {"n_waiting": waiting.n_waiting})]


def find_state_store_down(facts: Facts, _bounds: Bounds) -> list[Finding]:
    return [Finding("", "Valkey does not answer.")] if facts.state_store is None else []


def find_breaker_open(store: StateStoreFacts, _bounds: Bounds) -> list[Finding]:
    if not store.open_breakers:
        return []
    detail = f"The recommender failed several times in a row, as seen by {', '.join(store.open_breakers)}."
    return [Finding("", detail, {"n_processes": len(store.open_breakers)})]


def find_fallback_share(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    answers = store.answers
    if answers.n_asked < bounds.fallback_n_asked or answers.fallback_share <= bounds.fallback_share:
        return []
    detail = f"{answers.n_fallback} of the last {answers.n_asked} personal rows came from a lower rung."
    return [Finding("", detail, {"share": round(answers.fallback_share, 3), "n_asked": answers.n_asked})]


def find_stream_lag(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
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


def find_events_given_up(store: StateStoreFacts, _bounds: Bounds) -> list[Finding]:
    n = store.stream.n_dead_letters
    if not n:
        return []
    return [Finding("", f"{n:,} entries of the event stream were given up on.", {"n_entries": n})]


def find_consumer_dead(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
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


def find_beat_silent(store: StateStoreFacts, bounds: Bounds) -> list[Finding]:
    silent_s = store.beat_silent_s
    if silent_s is None or silent_s <= bounds.beat_silent_s:
        return []
    detail = f"No periodic task has come through for {_spelled(timedelta(seconds=silent_s))}."
    return [Finding("", detail, {"silent_s": round(silent_s)})]


def of_store(condition: Callable[[StateStoreFacts, Bounds], list[Finding]]) -> Condition:
    return lambda facts, bounds: condition(facts.state_store, bounds) if facts.state_store is not None else None


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
