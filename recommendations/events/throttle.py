"""A token bucket for each shopper, in process: bounded in number, gone with the process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    level: float
    filled_at: float


class Throttle:
    """Lets `burst` calls of one key through at once and `per_s` a second after that."""

    def __init__(
        self, *, burst: float, per_s: float, max_keys: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_s = per_s
        self._max_keys = max_keys
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Fill every bucket; for tests."""
        with self._lock:
            self._buckets.clear()

    def admits(self, key: str) -> bool:
        """Whether this call may go on; it counts if so."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
            bucket.level = min(self._burst, bucket.level + (now - bucket.filled_at) * self._per_s)
            bucket.filled_at = now
            if bucket.level < 1:
                return False
            bucket.level -= 1
            return True
