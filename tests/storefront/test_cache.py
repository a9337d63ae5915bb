"""With Valkey down a page pays little, and only once."""

import pytest
from redis.connection import UnixDomainSocketConnection

from storefront.cache import FailOpenValkeyCache


@pytest.fixture
def dead_cache(monkeypatch: pytest.MonkeyPatch) -> FailOpenValkeyCache:
    monkeypatch.setattr(FailOpenValkeyCache, "_retry_at", 0.0)
    return FailOpenValkeyCache("unix:///nowhere/valkey.sock?db=1", {"OPTIONS": {"socket_connect_timeout": 0.05}})


def test_reads_miss_and_writes_are_dropped_without_a_server(dead_cache: FailOpenValkeyCache) -> None:
    dead_cache.set("key", 1)

    assert dead_cache.get("key", "otherwise") == "otherwise"
    assert dead_cache.get_many(["key"]) == {}
    assert dead_cache.add("key", 1) is False
    assert dead_cache.delete("key") is False


def test_outage_costs_one_attempt_in_two_seconds(
    dead_cache: FailOpenValkeyCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s, attempts = [1_000.0], []

    def fail(_connection: object) -> None:
        attempts.append(now_s[0])
        raise ConnectionError

    monkeypatch.setattr("storefront.cache.time.monotonic", lambda: now_s[0])
    monkeypatch.setattr(UnixDomainSocketConnection, "connect", fail)

    for _ in range(50):
        dead_cache.get("key")
        now_s[0] += 0.1

    assert attempts == pytest.approx([1_000.0, 1_002.0, 1_004.0], abs=0.11)
