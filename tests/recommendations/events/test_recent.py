"""Each shopper's last hundred events, newest first, the same after a redelivery; nothing when Valkey is down."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import override_settings
from redis import Redis

from recommendations import conf
from recommendations.events import recent
from recommendations.events.connections import page_client, worker_client
from recommendations.events.schema import Joined
from recommendations.ports import Interaction
from tests.factories.events import make_impression, make_interaction


@pytest.fixture
def wanda() -> Iterator[str]:
    key = uuid4().hex
    yield key
    recent.forget(key)


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_retry_at", 0.0)


def events(wanda: str, n: int, **fields: str) -> list[Interaction]:
    start = conf.now() - timedelta(hours=1)
    return [
        make_interaction(
            shopper_key=wanda, item_id=f"ITEM-{number}", occurred_at=start + timedelta(seconds=number), **fields
        )
        for number in range(n)
    ]


def test_recent_are_newest_first(wanda: str) -> None:
    happened = events(wanda, 5)

    recent.handle([*happened, make_impression(shopper_key=wanda), make_interaction()])

    found = recent.recent(wanda, 3)
    assert [event.item_id for event in found] == ["ITEM-4", "ITEM-3", "ITEM-2"]
    assert found[0].event_type == "product_view"
    assert abs(found[0].occurred_at - happened[4].occurred_at) < timedelta(milliseconds=1)


def test_recent_keeps_a_hundred_and_ends_by_itself(wanda: str) -> None:
    recent.handle(events(wanda, 150))

    assert len(recent.recent(wanda, 1000)) == 100
    assert 89 * 86_400 < int(str(worker_client().ttl(f"recent:{wanda}"))) <= 90 * 86_400


def test_recent_is_the_same_after_a_redelivery(wanda: str) -> None:
    happened = events(wanda, 120)
    recent.handle(happened)
    before = recent.recent(wanda)

    recent.handle(happened[:60])
    recent.handle(happened)

    assert recent.recent(wanda) == before


def test_bought_items_outlive_the_ring_and_end_with_a_return(wanda: str) -> None:
    bought = events(wanda, 3, event_type="purchase")
    returned = make_interaction(shopper_key=wanda, item_id="ITEM-1", event_type="return", occurred_at=conf.now())
    recent.handle([*bought, returned])
    recent.handle([make_interaction(shopper_key=wanda, item_id=f"VIEW-{n}") for n in range(150)])

    recent.handle(bought)

    assert recent.bought(wanda) == {"ITEM-0", "ITEM-2"}


def test_recent_is_empty_and_asks_but_once_without_valkey(wanda: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recent.handle(events(wanda, 3))
    monkeypatch.setattr(recent, "PAUSE_AFTER_FAILURE_S", 600.0)
    asked = []

    def count() -> Redis:
        asked.append(wanda)
        return page_client()

    monkeypatch.setattr(recent, "page_client", count)

    with override_settings(STATE_URL="unix:///nonexistent/valkey.sock"):
        found = [recent.recent(wanda) for _ in range(100)]
        bought = recent.bought(wanda)

    assert (found, bought) == ([[]] * 100, set())
    assert asked == [wanda]


def test_recent_asks_again_after_two_seconds(wanda: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recent.handle(events(wanda, 3))
    with override_settings(STATE_URL="unix:///nonexistent/valkey.sock"):
        recent.recent(wanda)
    began_s = recent._retry_at - recent.PAUSE_AFTER_FAILURE_S

    monkeypatch.setattr("recommendations.events.recent.time.monotonic", lambda: began_s + 2.01)

    assert recent.PAUSE_AFTER_FAILURE_S == 2.0
    assert len(recent.recent(wanda)) == 3


def test_joined_keys_are_one_shoppers_from_then_on(wanda: str) -> None:
    device, bought_at = uuid4().hex, conf.now()
    recent.handle(events(device, 3))
    recent.handle([make_interaction(shopper_key=device, item_id="SOLD", event_type="purchase", occurred_at=bought_at)])
    recent.handle([make_interaction(shopper_key=wanda, item_id="OWN", occurred_at=bought_at + timedelta(seconds=1))])

    for _ in range(2):
        recent.handle([Joined(device, wanda, conf.now())])

    assert [event.item_id for event in recent.recent(wanda)] == ["OWN", "SOLD", "ITEM-2", "ITEM-1", "ITEM-0"]
    assert recent.bought(wanda) == {"SOLD"}
    assert recent.recent(device) == []
    assert recent.bought(device) == set()


def test_join_sees_what_came_in_the_same_batch(wanda: str) -> None:
    device = uuid4().hex

    recent.handle([Joined(device, wanda, conf.now()), *events(device, 2)])

    assert [event.item_id for event in recent.recent(wanda)] == ["ITEM-1", "ITEM-0"]
