"""Deadline, bulkhead and circuit breaker around the backend: a page waits so long and no longer."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import copy_context
from functools import cache
from typing import TypeVar

import pybreaker

from recommendations import conf, monitoring
from recommendations.exceptions import BackendUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 8
OPEN_AFTER_FAILURES = 5
RETRY_AFTER_S = 10


class _Watch(pybreaker.CircuitBreakerListener):
    """Tells what happens to a breaker to whoever watches the shop."""

    def state_change(  # type: ignore[override]
        self,
        _breaker: pybreaker.CircuitBreaker,
        _old: pybreaker.CircuitBreakerState,
        new: pybreaker.CircuitBreakerState,
    ) -> None:
        monitoring.breaker_changed(is_open=new.name != pybreaker.STATE_CLOSED)
        logger.warning(
            "The breaker in front of the recommender changed.", extra={"code": f"breaker_{new.name.replace('-', '_')}"}
        )


class GuardedBackend:
    """One guard a process: at most eight calls at a time, each within the deadline, none while the breaker is open."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(MAX_CONCURRENT_CALLS, thread_name_prefix="recommender")
        self._places = threading.BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=OPEN_AFTER_FAILURES, reset_timeout=RETRY_AFTER_S, listeners=[_Watch()]
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


@cache
def _guard() -> GuardedBackend:
    return GuardedBackend()


def guarded(work: Callable[[], T]) -> T:
    """Run a backend call under this process's guard; see `GuardedBackend.call`."""
    return _guard().call(work)


def reset() -> None:
    """Forget failures and waiting calls; for tests."""
    _guard.cache_clear()
    monitoring.breaker_changed(is_open=False)
