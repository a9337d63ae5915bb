"""Deadline, bulkhead and circuit breaker around each rotation's campaign: a page waits so long and no longer."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import copy_context
from functools import lru_cache
from typing import TypeVar

import pybreaker

from recommendations import conf, monitoring
from recommendations.exceptions import BackendUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 8
OPEN_AFTER_FAILURES = 5
RETRY_AFTER_S = 10
MAX_GUARDS = 64

# Rotations whose breaker is not closed in this process.
_open: set[str] = set()


class _Watch(pybreaker.CircuitBreakerListener):
    """Tells what happens to a breaker to whoever watches the shop."""

    def __init__(self, key: str) -> None:
        self._key = key

    def state_change(  # type: ignore[override]
        self,
        _breaker: pybreaker.CircuitBreaker,
        _old: pybreaker.CircuitBreakerState,
        new: pybreaker.CircuitBreakerState,
    ) -> None:
        if new.name == pybreaker.STATE_CLOSED:
            _open.discard(self._key)
        else:
            _open.add(self._key)
        monitoring.breaker_changed(is_open=bool(_open))
        logger.warning(
            "The breaker in front of the recommender changed.",
            extra={"code": f"breaker_{new.name.replace('-', '_')}", "rotation": self._key},
        )


class GuardedBackend:
    """At most eight calls of a process at a time, each within the deadline, none while the breaker is open."""

    def __init__(self, key: str = "") -> None:
        self._executor = ThreadPoolExecutor(MAX_CONCURRENT_CALLS, thread_name_prefix="recommender")
        self._places = threading.BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=OPEN_AFTER_FAILURES, reset_timeout=RETRY_AFTER_S, listeners=[_Watch(key)]
        )

    def call(self, work: Callable[[], T]) -> T:
        """The work's answer.

        Raises:
            BackendUnavailable: too many calls are waiting, the deadline passed, or the breaker is open.
            RecommendationsError: what the backend itself raised.
        """
        try:
            answer: T = self._breaker.call(self._within_deadline, work)
        except pybreaker.CircuitBreakerError as error:
            raise BackendUnavailable("The breaker is open: the backend failed several times in a row.") from error
        return answer

    def _within_deadline(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise BackendUnavailable(f"{MAX_CONCURRENT_CALLS} calls to the backend are still waiting.")
        future = self._executor.submit(copy_context().run, work)
        # A call that overstays keeps its place until it ends, so that a hanging backend cannot pile up threads.
        future.add_done_callback(lambda _: self._places.release())
        deadline_s = conf.recommendation_deadline_s()
        try:
            return future.result(timeout=deadline_s)
        except FutureTimeout as error:
            raise BackendUnavailable(f"The backend took longer than {deadline_s} s.") from error


@lru_cache(maxsize=MAX_GUARDS)
def _guard(key: str) -> GuardedBackend:
    return GuardedBackend(key)


def guarded(work: Callable[[], T], *, key: str = "") -> T:
    """Run a backend call under the guard of its key; see `GuardedBackend.call`.

    Args:
        work: the call.
        key: the rotation that is asked. One that fails must not close the door of another: where two are compared,
            the faults of one variation would be seen in both.
    """
    return _guard(key).call(work)


def reset() -> None:
    """Forget failures and waiting calls; for tests."""
    _guard.cache_clear()
    _open.clear()
    monitoring.breaker_changed(is_open=False)
