"""Counting is exact over processes, spread within the minute, and says where it cannot count."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings

from storefront.access import counting
from storefront.access.counting import Counter, Share, Uncounted


class Minute:
    def __init__(self) -> None:
        self.ms = 1_000_000.0

    def __call__(self) -> float:
        return self.ms


@pytest.fixture
def minute() -> Minute:
    return Minute()


@pytest.fixture
def frozen(minute: Minute) -> Counter:
    return Counter(settings.STATE_URL, 1.0, clock_ms=minute)


@pytest.fixture
def key() -> str:
    return f"test:{uuid4().hex}"


def test_allowance_goes_at_once_and_comes_back_evenly(frozen: Counter, minute: Minute, key: str) -> None:
    share = Share(key, 30)

    at_once = [frozen.take([share]) for _ in range(31)]
    minute.ms += 2_000
    later = [frozen.take([share]) for _ in range(2)]
    minute.ms += 60_000
    full = [frozen.take([share]) for _ in range(31)]

    assert at_once == [0.0] * 30 + [2.0]
    assert later == [0.0, 2.0]
    assert [wait == 0 for wait in full] == [True] * 30 + [False]


def test_request_refused_by_one_share_uses_up_no_other(frozen: Counter, key: str) -> None:
    narrow, wide = Share(f"{key}:narrow", 1), Share(f"{key}:wide", 3)
    frozen.take([narrow, wide])

    refused = [frozen.take([narrow, wide]) for _ in range(5)]
    left = [frozen.take([wide]) for _ in range(3)]

    assert all(wait == 60.0 for wait in refused)
    assert [wait == 0 for wait in left] == [True, True, False]


def test_many_at_once_get_exactly_the_allowance(key: str) -> None:
    counters = [Counter(settings.STATE_URL, 5.0, clock_ms=lambda: 5_000_000.0) for _ in range(8)]

    def take(n: int) -> bool:
        return counters[n % 8].take([Share(key, 25)]) == 0

    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(take, range(200)))

    assert sum(admitted) == 25


def test_time_is_the_servers_where_none_is_given(key: str) -> None:
    counter, began_s = Counter(settings.STATE_URL, 5.0), time.monotonic()

    waits = [counter.take([Share(key, 2)]) for _ in range(3)]

    took_s = time.monotonic() - began_s
    assert waits[:2] == [0.0, 0.0]
    assert 29.9 - took_s < waits[2] <= 30


def test_counts_are_gone_when_the_allowance_is_full_again(key: str) -> None:
    counter = Counter(settings.STATE_URL, 1.0)

    counter.take([Share(key, 60_000)])
    time.sleep(0.01)

    assert counter._client.get(f"{counting.PREFIX}{key}") is None


def test_silent_valkey_is_said_and_left_alone_for_a_while(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter("unix:///nowhere/at-all.sock", 0.05)
    asked = []
    admit = counter._admit

    def ask(**named: object) -> object:
        asked.append(named)
        return admit(**named)  # type: ignore[arg-type]

    monkeypatch.setattr(counter, "_admit", ask)

    for _ in range(5):
        with pytest.raises(Uncounted):
            counter.take([Share(key, 1)])

    assert len(asked) == 1
