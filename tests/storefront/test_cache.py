"""With Valkey down a page pays little, and only once."""

import time

import pytest

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


def test_outage_costs_one_attempt_in_two_seconds(dead_cache: FailOpenValkeyCache) -> None:
    dead_cache.get("key")

    started = time.monotonic()
    for _ in range(1000):
        dead_cache.get("key")

    assert time.monotonic() - started < 0.05
