"""Counts what was refused or dropped, by where and why; reported to the log and to Valkey, never to the shopper."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping

from redis import Redis
from redis.exceptions import RedisError

from recommendations import monitoring

logger = logging.getLogger(__name__)

KEY = "events:refused"
KEY_LIFE_S = 30 * 86_400
REPORT_EVERY_S = 10.0


class Refusals:
    """One process's counters; thread-safe, and reported at most every ten seconds."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._reported: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._report_at = 0.0

    def add(self, where: str, reason: str, n: int = 1) -> None:
        """Count `n` refusals."""
        monitoring.event_refused(where, reason, n)
        with self._lock:
            self._counts[f"{where}.{reason}"] += n

    def add_all(self, where: str, reasons: Mapping[str, int]) -> None:
        """Count several reasons of one place."""
        for reason, n in reasons.items():
            self.add(where, reason, n)

    def counts(self) -> dict[str, int]:
        """`where.reason` -> how many, since this process began."""
        with self._lock:
            return dict(self._counts)

    def report(self, client: "Redis") -> None:
        """Log what is new, and add it to the totals in Valkey; what Valkey does not take waits for the next time."""
        if time.monotonic() < self._report_at:
            return
        self._report_at = time.monotonic() + REPORT_EVERY_S
        with self._lock:
            fresh = self._counts - self._reported
        if not fresh:
            return
        logger.warning("Events were refused: %s.", dict(fresh), extra={"code": "events_refused"})
        try:
            pipeline = client.pipeline(transaction=False)
            for name, n in fresh.items():
                pipeline.hincrby(KEY, name, n)
            pipeline.expire(KEY, KEY_LIFE_S)
            pipeline.execute()
        except RedisError:
            return
        with self._lock:
            self._reported += fresh

    def restart(self) -> None:
        """Begin at zero, as a forked child must."""
        self.__init__()  # type: ignore[misc]


refusals = Refusals()
