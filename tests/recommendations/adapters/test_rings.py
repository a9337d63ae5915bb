"""Rings: bounded, ordered, idempotent; and what happens without Valkey."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
import redis
from numpy.typing import NDArray
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import rings
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.neural import shoppers
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.hierarchy import Layers, advance
from recommendations.exceptions import BackendUnavailable
from tests.factories.retraining import make_interaction
from tests.fakes.clocks import StandingClock


@pytest.fixture
def tracking_id(settings: Settings) -> Iterator[str]:
    name, state_url = f"test-{uuid4().hex}", settings.STATE_URL
    yield name
    settings.STATE_URL = state_url
    rings._quiet_until_s = 0.0
    rings.delete_rings(name)


@pytest.fixture
def valkey(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.STATE_URL)


def test_ring_is_oldest_first_whatever_the_order_of_arrival(tracking_id: str) -> None:
    rings.append_events(tracking_id, [make_interaction("a", "NEW", days_ago=1), make_interaction("b", "HIS")])
    rings.append_events(tracking_id, [make_interaction("a", "OLD", days_ago=2, event_type="bid")])

    events = rings.read_events(tracking_id, "a")

    assert [(event.item_id, event.event_type) for event in events] == [("OLD", "bid"), ("NEW", "product_view")]
    assert events[0].timestamp < events[1].timestamp


def test_ring_takes_a_repeated_event_once(tracking_id: str) -> None:
    views = [make_interaction("a", f"ITEM-{number}", days_ago=number) for number in range(1, 6)]

    for _ in range(3):
        rings.append_events(tracking_id, views)

    assert len(rings.read_events(tracking_id, "a")) == 5


def test_ring_keeps_the_newest_whatever_is_repeated(tracking_id: str) -> None:
    views = [make_interaction("a", f"ITEM-{number}", days_ago=300 - number) for number in range(250)]
    rings.append_events(tracking_id, views)

    rings.append_events(tracking_id, views[:50])

    kept = rings.read_events(tracking_id, "a")
    assert [event.item_id for event in kept] == [f"ITEM-{number}" for number in range(50, 250)]


def test_ring_keeps_items_whose_names_hold_signs(tracking_id: str) -> None:
    rings.append_events(tracking_id, [make_interaction("a", "A|B|Ü 1")])

    (event,) = rings.read_events(tracking_id, "a")

    assert event.item_id == "A|B|Ü 1"


def test_ring_does_not_live_for_ever(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(tracking_id, [make_interaction("a", "ITEM")])

    lives_s = [valkey.ttl(f"ring:{tracking_id}:a"), valkey.ttl(f"rings:{tracking_id}")]

    assert all(0 < life_s <= 60 * 86_400 for life_s in lives_s)


def test_ring_of_one_shopper_is_deleted_and_the_others_stay(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(tracking_id, [make_interaction("a", "ITEM"), make_interaction("b", "ITEM")])

    rings.delete_ring(tracking_id, "a")
    rings.delete_ring(tracking_id, "nobody")

    assert rings.read_events(tracking_id, "a") == []
    assert len(rings.read_events(tracking_id, "b")) == 1
    assert valkey.smembers(f"rings:{tracking_id}") == {b"b"}


def test_rings_are_deleted_with_nothing_left(
    tracking_id: str, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rings, "PAGE", 7)
    rings.append_events(tracking_id, [make_interaction(f"shopper-{number}", "ITEM") for number in range(50)])

    rings.delete_rings(tracking_id)

    assert list(valkey.scan_iter(f"*{tracking_id}*", count=10_000)) == []


def test_rings_without_valkey_are_empty_and_take_nothing(tracking_id: str, settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/valkey.sock"

    assert rings.read_events(tracking_id, "a") == []
    with pytest.raises(BackendUnavailable):
        rings.append_events(tracking_id, [make_interaction("a", "ITEM")])
    with pytest.raises(BackendUnavailable):
        rings.join_rings(tracking_id, "a", "b")
    with pytest.raises(BackendUnavailable):
        rings.delete_rings(tracking_id)


def test_ring_of_a_joined_key_is_the_heirs(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(tracking_id, [make_interaction("device", "OLD", days_ago=2)])
    rings.append_events(tracking_id, [make_interaction("account", "NEW", days_ago=1)])

    for _ in range(2):
        rings.join_rings(tracking_id, "device", "account")

    found = rings.read_ring(tracking_id, "account")
    assert [event.item_id for event in found.events] == ["OLD", "NEW"]
    assert found.joined == ("device",)
    assert rings.read_ring(tracking_id, "device") == rings.NO_RING
    assert valkey.smembers(f"rings:{tracking_id}") == {b"account"}
    assert 0 < valkey.ttl(f"ring:{tracking_id}:account") <= rings.TTL_S


def test_ring_of_a_joined_key_goes_with_the_heirs(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(tracking_id, [make_interaction("device", "OLD"), make_interaction("account", "NEW")])
    rings.join_rings(tracking_id, "device", "account")

    rings.delete_ring(tracking_id, "account")

    assert rings.read_ring(tracking_id, "account") == rings.read_ring(tracking_id, "device") == rings.NO_RING
    assert list(valkey.scan_iter(f"ring:{tracking_id}:*")) == []


def test_ring_is_joined_although_it_is_empty(tracking_id: str) -> None:
    rings.join_rings(tracking_id, "device", "account")

    assert rings.read_ring(tracking_id, "account") == rings.Ring((), ("device",))


def test_ring_is_bounded_whatever_is_joined(tracking_id: str, valkey: redis.Redis) -> None:
    for number in range(rings.MOST_JOINED + 4):
        device = f"device-{number:02}"
        rings.append_events(tracking_id, [make_interaction(device, f"{device}-{each}") for each in range(60)])
        rings.join_rings(tracking_id, device, "account")

    found = rings.read_ring(tracking_id, "account")
    assert valkey.zcard(f"ring:{tracking_id}:account") == rings.RING_LENGTH
    assert found.joined == tuple(f"device-{number:02}" for number in range(4, 12))


def test_ring_drops_no_purchase_for_views(tracking_id: str) -> None:
    bought = [
        make_interaction("a", f"SOLD-{number}", days_ago=400 + number, event_type="purchase") for number in (1, 2)
    ]
    rings.append_events(tracking_id, bought)

    for number in range(3):
        views = [
            make_interaction("a", f"ITEM-{number}-{each}", days_ago=200 - number - each / 1000) for each in range(120)
        ]
        rings.append_events(tracking_id, views)

    events = rings.read_events(tracking_id, "a")
    assert len(events) == rings.RING_LENGTH
    assert [event.item_id for event in events[:3]] == ["SOLD-2", "SOLD-1", "ITEM-1-42"]


def test_ring_of_a_busy_shopper_takes_little_memory(tracking_id: str, valkey: redis.Redis) -> None:
    rings.append_events(
        tracking_id, [make_interaction("a" * 32, f"A-SKU-AS-LONG-AS-THEY-GET-{number:05}") for number in range(300)]
    )

    n_bytes = valkey.memory_usage(f"ring:{tracking_id}:{'a' * 32}", samples=0)

    assert 10_000 < int(str(n_bytes)) < 40_000


def test_next_event_of_a_full_ring_costs_a_network_one_step(
    tracking_id: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    # Where a full window begins goes by the times; and no two windows are to hold the same.
    settings.CLOCK, chance = StandingClock(datetime(2026, 11, 22, 12, tzinfo=UTC)), random.Random(1)
    steps: list[int] = []

    def counted(layers: Layers, events: Array, opens: NDArray[np.bool_], *state: Array) -> tuple[Array, Array]:
        steps.append(len(events))
        return advance(layers, events, opens, *state)

    views = [make_interaction("a", f"ITEM-{chance.randrange(40)}", days_ago=300 - each / 2) for each in range(320)]
    past = [
        Event(each.item_id, int(each.occurred_at.timestamp()) - 400 * 86_400, "product_view") for each in views[:50]
    ]
    others = [f"u{number}" for number in range(80) for _ in range(2)]
    log = Interactions.from_columns(others, [f"ITEM-{each % 40}" for each in range(160)], range(160), ["view"] * 160)
    network = Hrnn(hidden_dimension=32, width=16, passes=0, validation_users=0, is_timed=True).fit(log)
    rings.append_events(tracking_id, views[:260])
    network.score([*past, *rings.read_ring(tracking_id, "a").events])

    monkeypatch.setattr(shoppers, "advance", counted)
    for each in views[260:]:
        rings.append_events(tracking_id, [each])
        network.score([*past, *rings.read_ring(tracking_id, "a").events])

    assert len(steps) == 60
    assert steps.count(1) >= 50
    assert max(steps) > 1
