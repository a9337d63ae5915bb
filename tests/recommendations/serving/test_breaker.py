"""A page waits for the backend so long and no longer."""

import threading
import time

import pytest
from pytest_django import Settings

from recommendations.exceptions import BackendUnavailable
from recommendations.serving.breaker import MAX_CONCURRENT_CALLS, OPEN_AFTER_FAILURES, GuardedBackend
from tests.quickness import quickest_s


def fail() -> None:
    raise BackendUnavailable("down")


def test_call_returns_the_answer() -> None:
    assert GuardedBackend().call(lambda: 7) == 7


def test_call_ends_at_the_deadline(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 0.05
    release = threading.Event()

    def call_one_that_hangs() -> float:
        started = time.monotonic()
        with pytest.raises(BackendUnavailable, match="longer than"):
            GuardedBackend().call(lambda: release.wait(60))
        return time.monotonic() - started

    took_s = quickest_s(call_one_that_hangs, enough_s=1)
    release.set()

    assert took_s < 1


def test_breaker_opens_after_failures_in_a_row_and_asks_no_more() -> None:
    guard, calls = GuardedBackend(), []
    for _ in range(OPEN_AFTER_FAILURES):
        with pytest.raises(BackendUnavailable):
            guard.call(fail)

    with pytest.raises(BackendUnavailable, match="breaker is open"):
        guard.call(lambda: calls.append(1))

    assert calls == []


def test_full_bulkhead_refuses_at_once(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 0.01
    guard, release = GuardedBackend(), threading.Event()
    # The breaker would open first; it is the bulkhead that is looked at here.
    guard._breaker.fail_max = 1000
    for _ in range(MAX_CONCURRENT_CALLS):
        with pytest.raises(BackendUnavailable):
            guard.call(lambda: release.wait(60))

    with pytest.raises(BackendUnavailable, match="still waiting"):
        guard.call(lambda: 1)
    release.set()
