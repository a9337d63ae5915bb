"""Tallies of all processes, minute by minute, by Valkey's clock; heartbeats, suspicions and open breakers."""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from recommendations import monitoring
from recommendations.events import pulse


@pytest.fixture(autouse=True)
def no_pulse(valkey: Redis) -> Iterator[None]:
    def empty() -> None:
        monitoring.tally.take()
        monitoring.breaker_changed(is_open=False)
        for key in valkey.scan_iter("pulse:*"):
            valkey.delete(key)

    empty()
    yield
    empty()


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    moment = [600_000.0]
    monkeypatch.setattr(pulse, "time_s", lambda client: moment[0])

    def let_pass(seconds: float) -> None:
        moment[0] += seconds

    return let_pass


def test_reports_of_a_minute_are_summed_and_minutes_kept_apart(let_pass: Callable[[float], None]) -> None:
    for n, pause_s in ((2, 0), (3, 60), (5, 60)):
        monitoring.tally.add("pages", n)
        pulse.report()
        let_pass(pause_s)

    assert pulse.last_minutes(3) == [{}, {"pages": 5.0}, {"pages": 5.0}, {}]


def test_minutes_live_no_longer_than_two_hours(valkey: Redis) -> None:
    monitoring.tally.add("pages")
    pulse.report()

    (key,) = valkey.scan_iter(f"{pulse.MINUTE}*")

    assert 0 < valkey.ttl(key) <= pulse.MINUTE_LIFE_S


def test_tallies_wait_while_valkey_is_away() -> None:
    away = Redis.from_url("unix:///nonexistent/valkey.sock")
    monitoring.tally.add("pages", 4)

    with pytest.raises(RedisError):
        pulse.report(away)
    pulse.report()

    assert sum(minute.get("pages", 0) for minute in pulse.last_minutes(1)) == 4


def test_heart_that_beat_is_silent_since_and_one_that_never_did_is_unknown(let_pass: Callable[[float], None]) -> None:
    pulse.beat("beat")
    let_pass(75)
    pulse.expect("beat")

    assert (pulse.silent_s("beat"), pulse.silent_s("nobody")) == (75.0, None)


def test_suspicion_grows_with_each_look_and_ends_with_a_gap_or_an_all_clear(let_pass: Callable[[float], None]) -> None:
    held = []
    for pause_s in (60, 60, pulse.LOOKS_APART_S + 1, 60):
        held.append(pulse.held_for_s("x:y", holds=True))
        let_pass(pause_s)
    pulse.held_for_s("x:y", holds=False)
    held.append(pulse.held_for_s("x:y", holds=True))

    assert held == [0.0, 60.0, 120.0, 0.0, 0.0]
    assert pulse.suspicions("x:") == ("x:y",)


def test_open_breaker_is_told_with_each_report_and_forgotten_after_a_while(let_pass: Callable[[float], None]) -> None:
    monitoring.breaker_changed(is_open=True)
    pulse.report()
    seen = [len(pulse.open_breakers())]
    monitoring.breaker_changed(is_open=False)
    let_pass(pulse.BREAKER_SEEN_WITHIN_S + 1)
    pulse.report()
    seen.append(len(pulse.open_breakers()))

    assert seen == [1, 0]
