"""Counts requests in Valkey, one round trip each: exact over all processes, and honest about what it cannot count."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ValkeyGone
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PREFIX = "limit:"
PAUSE_AFTER_FAILURE_S = 1.0
# A stall of the disk under Valkey must not close the shop; a page that may go on uncounted does not wait for it.
PATIENT_S, HASTY_S = 1.0, 0.05

# Each key holds when its allowance is full again, in ms. Either all keys count the request or none does.
ADMIT = """
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end
local wait, full_at = 0, {}
for i, key in ipairs(KEYS) do
  full_at[i] = math.max(tonumber(redis.call('GET', key) or '0'), now) + 60000 / tonumber(ARGV[i + 1])
  wait = math.max(wait, full_at[i] - now - 60000)
end
if wait > 0.001 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', full_at[i]), 'PX', math.ceil(full_at[i] - now) + 1)
end
return 0
"""


class Uncounted(Exception):
    """Valkey does not answer: nobody knows how often this was asked."""


@dataclass(frozen=True, slots=True)
class Share:
    """One allowance: whose, and how many requests a minute."""

    key: str
    per_minute: int


class Counter:
    """The allowances in one Valkey; after a failure it stays away for a second, so that not every page pays."""

    def __init__(self, url: str, timeout_s: float, *, clock_ms: Callable[[], float] | None = None) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            # A connection that a restart left dead is replaced at once; a silent server is not asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(ValkeyGone,)),
        )
        self._admit = self._client.register_script(ADMIT)
        self._clock_ms = clock_ms
        self._retry_at = 0.0

    def take(self, shares: Sequence[Share]) -> float:
        """Count one request against every share, or against none where one is used up.

        Returns:
            0.0 where the request may go on, else the seconds until it may.

        Raises:
            Uncounted: Valkey does not answer, or did not a moment ago.
        """
        if time.monotonic() < self._retry_at:
            raise Uncounted
        now_ms = self._clock_ms() if self._clock_ms else -1
        try:
            waits_ms = self._admit(
                keys=[f"{PREFIX}{share.key}" for share in shares],
                args=[now_ms, *(share.per_minute for share in shares)],
            )
        except (RedisError, OSError) as error:
            self._retry_at = time.monotonic() + PAUSE_AFTER_FAILURE_S
            logger.warning("Requests cannot be counted.", extra={"code": "uncounted", "error": repr(error)})
            raise Uncounted from error
        return float(int(str(waits_ms))) / 1000

    def drop(self) -> None:
        """Forget what was counted, where Valkey answers."""
        with suppress(RedisError, OSError):
            for key in self._client.scan_iter(f"{PREFIX}*", count=1000):
                self._client.delete(key)


def counter(*, is_patient: bool) -> Counter:
    """The process's counter over the shop's Valkey."""
    return _counter(settings.STATE_URL, PATIENT_S if is_patient else HASTY_S)


def forget() -> None:
    """Drop every count, and ask Valkey again at once; for tests."""
    _counter.cache_clear()
    counter(is_patient=False).drop()


@lru_cache(maxsize=4)
def _counter(url: str, timeout_s: float) -> Counter:
    return Counter(url, timeout_s)
