"""What everybody did reaches every process: once, in time, and through a Valkey that comes and goes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import redis
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import following, live_log, rings
from recommendations.adapters.embedded.following import Follower
from recommendations.adapters.embedded.live_log import owner_of
from recommendations.engine.live.activity import LiveActivity
from tests.factories.retraining import make_interaction
from tests.quickness import quickest_s

ITEMS = ("A|B|Ü", "BAT", "POT", "TEA")


@pytest.fixture
def tracking_id(settings: Settings) -> Iterator[str]:
    name, state_url = f"test-{uuid4().hex}", settings.STATE_URL
    yield name
    settings.STATE_URL = state_url
    rings.delete_rings(name)


@pytest.fixture
def valkey(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.STATE_URL)


def counted(live: LiveActivity) -> list[float]:
    return [round(count, 6) for count in live.counts(float("inf")).tolist()]


def wait_until(is_so: Callable[[], bool], within_s: float = 60.0) -> float:
    """How long it took."""
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < within_s, "waited in vain"
        time.sleep(0.002)
    return time.monotonic() - began_s


def test_follower_tells_what_was_written_before_and_after(tracking_id: str) -> None:
    live, follower = LiveActivity(ITEMS), Follower()
    rings.append_events(tracking_id, [make_interaction("a", "TEA"), make_interaction("a", "A|B|Ü")])

    follower.follow(tracking_id, live)
    wait_until(lambda: counted(live) == [1, 0, 0, 1])

    def tell_one_more() -> float:
        n_pots = counted(live)[2]
        rings.append_events(tracking_id, [make_interaction(uuid4().hex, "POT")])
        return wait_until(lambda: counted(live) == [1, 0, n_pots + 1, 1])

    assert quickest_s(tell_one_more, enough_s=1) < 1


def test_follower_tells_an_event_once_however_often_it_comes(tracking_id: str) -> None:
    live, follower = LiveActivity(ITEMS), Follower()
    view = make_interaction("a", "TEA")

    for _ in range(3):
        rings.append_events(tracking_id, [view])
    follower.follow(tracking_id, live)
    follower.catch_up()
    follower.catch_up()

    assert counted(live) == [0, 0, 0, 1]


def test_follower_tells_each_activity_of_its_own_trackers_alone(tracking_id: str) -> None:
    first, second, other, follower = *(LiveActivity(ITEMS) for _ in range(3)), Follower()
    rings.append_events(tracking_id, [make_interaction("a", "TEA")])
    follower.follow(tracking_id, first)
    follower.catch_up()

    rings.append_events(tracking_id, [make_interaction("a", "POT")])
    follower.follow(tracking_id, second)
    follower.follow(f"{tracking_id}-other", other)
    follower.follow(tracking_id, first)
    follower.catch_up()

    assert counted(first) == counted(second) == [0, 0, 1, 1]
    assert counted(other) == [0, 0, 0, 0]


def test_follower_lets_go_of_an_activity_that_nobody_holds(tracking_id: str) -> None:
    follower = Follower()

    follower.follow(tracking_id, LiveActivity(ITEMS))
    follower.catch_up()

    assert follower._living() == []


def test_follower_outlives_a_valkey_that_lost_everything(
    tracking_id: str, valkey: redis.Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BLOCK_MS", 20)
    live, follower, url = LiveActivity(ITEMS), Follower(), settings.STATE_URL
    rings.append_events(tracking_id, [make_interaction("a", "TEA")])
    follower.follow(tracking_id, live)
    wait_until(lambda: counted(live) == [0, 0, 0, 1])

    settings.STATE_URL = "unix:///nowhere/valkey.sock"
    valkey.unlink(live_log.log_key(tracking_id))
    time.sleep(0.1)
    # A new server may number its entries from an earlier moment on.
    valkey.xadd(live_log.log_key(tracking_id), {"b": b"z of a later release"}, id="1-1")
    settings.STATE_URL = url
    rings.append_events(tracking_id, [make_interaction("b", "POT")])

    wait_until(lambda: counted(live) == [0, 0, 1, 1])


def test_follower_drops_what_a_shopper_wants_forgotten(tracking_id: str, valkey: redis.Redis) -> None:
    live, later, follower = LiveActivity(ITEMS), LiveActivity(ITEMS), Follower()
    rings.append_events(tracking_id, [make_interaction("a", "TEA"), make_interaction("b", "POT")])
    follower.follow(tracking_id, live)
    follower.catch_up()

    rings.delete_ring(tracking_id, "a")
    follower.follow(tracking_id, later)
    follower.catch_up()

    assert counted(live) == counted(later) == [0, 0, 1, 0]
    assert len(live) == len(later) == 1
    assert valkey.xlen(live_log.log_key(tracking_id)) == 2


def test_log_names_no_shopper(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(tracking_id, [make_interaction("a-key-to-somebody", "TEA")])

    entries: Any = valkey.xrange(live_log.log_key(tracking_id))
    ((_, fields),) = entries

    assert b"somebody" not in fields[b"b"]
    assert owner_of(tracking_id, "a") != owner_of("another", "a")


def test_log_lets_no_event_come_from_the_future(tracking_id: str) -> None:
    live, follower = LiveActivity(ITEMS), Follower()
    view = make_interaction("a", "TEA")

    rings.append_events(tracking_id, [replace(view, occurred_at=view.received_at + timedelta(days=900))])
    follower.follow(tracking_id, live)
    follower.catch_up()

    assert live.newest_at == int(view.received_at.timestamp())


def test_log_is_bounded(tracking_id: str, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_log, "LOG_LENGTH", 200)

    for number in range(10):
        views = [make_interaction(f"shopper-{each}", "TEA", days_ago=20 - number) for each in range(100)]
        rings.append_events(tracking_id, views)

    # Valkey trims whole nodes of a hundred entries.
    assert 200 <= valkey.xlen(live_log.log_key(tracking_id)) <= 300
    assert 0 < valkey.ttl(live_log.log_key(tracking_id)) <= live_log.TTL_S


def test_follower_takes_joined_keys_for_one_shopper(tracking_id: str) -> None:
    live, follower = LiveActivity(ITEMS), Follower()
    rings.append_events(tracking_id, [make_interaction("device", "TEA"), make_interaction("device", "POT")])
    rings.join_rings(tracking_id, "device", "account")
    follower.follow(tracking_id, live)
    follower.catch_up()

    seen = live.seen_by(owner_of(tracking_id, "account"))

    shared = (np.array([ITEMS.index("TEA")]), np.ones(1))
    assert len(live.sharing(*shared, newest=10)[0]) == 1
    assert len(seen.sharing(*shared, newest=10)[0]) == 0
