"""The clients of the Valkey that holds the live state: one a process for each address and patience."""

from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from recommendations import conf

# Of one client, by all threads; more would wait for each other in Valkey anyway.
MOST_CONNECTIONS = 32


def live_state(timeout_s: float, *, retries: int = 1) -> Any:
    """Return the client that waits so long for an answer, and asks again at once so often.

    Args:
        timeout_s: for connecting, and for each answer.
        retries: after a failure; a connection that was closed at the other end shows only when it is used.
    """
    return _client(conf.state_url(), timeout_s, retries)


@cache
def _client(url: str, timeout_s: float, retries: int) -> Any:
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        max_connections=MOST_CONNECTIONS,
        retry=Retry(NoBackoff(), retries),
    )
