"""The pulse of all processes: what they tallied, minute by minute; who beat last; whose breaker is open.

It lives in Valkey and tells the time by Valkey's own clock, so that several machines agree, and so that moving the
world's clock neither empties an hour nor makes the living look dead.
"""

import os
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from recommendations import monitoring
from recommendations.events.connections import worker_client

MINUTE = "pulse:minute:"
MINUTE_LIFE_S = 2 * 3600
HEARTBEATS = "pulse:heartbeats"
BREAKERS = "pulse:breakers"
SUSPECTED = "pulse:suspected"
LOOKS_APART_S = 150.0
REPORT_EVERY_S = 5.0
# A breaker that opens and closes again within this time counts as open throughout.
BREAKER_SEEN_WITHIN_S = 90
STATE_LIFE_S = 30 * 86_400

_starting = threading.Lock()
_thread: threading.Thread | None = None


def start() -> None:
    """Report this process's tallies every few seconds from a thread, until the process ends."""
    global _thread
    with _starting:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_run, name="pulse", daemon=True)
            _thread.start()


def report(client: Redis | None = None) -> None:
    """Add what was tallied since the last report to the current minute.

    Raises:
        RedisError: Valkey did not take it; the tallies are kept for the next time.
    """
    client = client or worker_client()
    counts = monitoring.tally.take()
    try:
        now_s = time_s(client)
        with client.pipeline(transaction=False) as pipeline:
            key = f"{MINUTE}{int(now_s // 60)}"
            for name, n in counts.items():
                pipeline.hincrby(key, name, n)
            pipeline.expire(key, MINUTE_LIFE_S)
            if monitoring.is_breaker_open():
                pipeline.zadd(BREAKERS, {_this_process(): now_s})
                pipeline.expire(BREAKERS, STATE_LIFE_S)
            pipeline.execute()
    except RedisError:
        monitoring.tally.give_back(counts)
        raise


def note(gauges: Mapping[str, float], client: Redis | None = None) -> None:
    """Keep what was measured in the current minute, beside the tallies.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    key = f"{MINUTE}{int(time_s(client) // 60)}"
    with client.pipeline(transaction=False) as pipeline:
        for name, value in gauges.items():
            pipeline.hset(key, name, f"{value:.3f}")
        pipeline.expire(key, MINUTE_LIFE_S)
        pipeline.execute()


def last_minutes(n: int, client: Redis | None = None) -> list[dict[str, float]]:
    """The last `n` full minutes and the one under way, oldest first; an empty mapping where nothing happened.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    current = int(time_s(client) // 60)
    with client.pipeline(transaction=False) as pipeline:
        for minute in range(current - n, current + 1):
            pipeline.hgetall(f"{MINUTE}{minute}")
        rows: Sequence[Mapping[bytes, bytes]] = pipeline.execute()
    return [{name.decode(): float(value) for name, value in row.items()} for row in rows]


def beat(name: str, client: Redis | None = None) -> None:
    """Say that `name` is alive.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    client.hset(HEARTBEATS, name, f"{time_s(client):.6f}")


def silent_s(name: str, client: Redis | None = None) -> float | None:
    """How long ago, in seconds, `name` beat last; None if it never did.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    beat_at: Any = client.hget(HEARTBEATS, name)
    return max(0.0, time_s(client) - float(beat_at)) if beat_at is not None else None


def expect(name: str, client: Redis | None = None) -> None:
    """Say that `name` is to beat from now on, so that one that never does is noticed too.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    client.hsetnx(HEARTBEATS, name, f"{time_s(client):.6f}")


def held_for_s(name: str, *, holds: bool, client: Redis | None = None) -> float:
    """For how long, in seconds, looks in a row have found that a condition holds; gaps between them start it anew.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    if not holds:
        client.hdel(SUSPECTED, name)
        return 0.0
    now_s = time_s(client)
    row: Any = client.hget(SUSPECTED, name)
    since_s, last_s = (float(part) for part in row.split()) if row is not None else (now_s, now_s)
    if now_s - last_s > LOOKS_APART_S:
        since_s = now_s
    client.hset(SUSPECTED, name, f"{since_s:.6f} {now_s:.6f}")
    return now_s - since_s


def suspicions(prefix: str, client: Redis | None = None) -> tuple[str, ...]:
    """The names under which `held_for_s` remembers anything.

    Raises:
        RedisError: Valkey is out of reach.
    """
    names: Any = (client or worker_client()).hkeys(SUSPECTED)
    return tuple(name.decode() for name in names if name.decode().startswith(prefix))


def open_breakers(client: Redis | None = None) -> tuple[str, ...]:
    """The processes whose breaker was open in the last minute and a half.

    Raises:
        RedisError: Valkey is out of reach.
    """
    client = client or worker_client()
    since_s = time_s(client) - BREAKER_SEEN_WITHIN_S
    client.zremrangebyscore(BREAKERS, "-inf", since_s)
    names: Any = client.zrangebyscore(BREAKERS, since_s, "+inf")
    return tuple(name.decode() for name in names)


def time_s(client: Redis) -> float:
    """Valkey's own time in epoch seconds, to the microsecond; all processes agree on it."""
    seconds, microseconds = client.time()
    return float(seconds) + float(microseconds) / 1e6


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(REPORT_EVERY_S):
        # While Valkey is away the tallies wait: their number is that of their names.
        with suppress(RedisError, OSError):
            report()


def _this_process() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"
