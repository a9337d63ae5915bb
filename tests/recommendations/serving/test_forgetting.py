"""Who says no is forgotten where pages look: at once, or as soon as what was on its way has come and Valkey is back."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters.embedded import rings
from recommendations.adapters.registry import get_backend
from recommendations.events import buffer, recent, runner
from recommendations.events.connections import worker_client
from recommendations.events.joining import join_keys
from recommendations.events.stream import NAME
from recommendations.models import Deployment, KeyJoin, LiveErasure, Rotation
from recommendations.serving import fallback
from recommendations.serving.forgetting import erase_due, forget_shoppers
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wanda(settings: Settings) -> Iterator[str]:
    state_url, key = settings.STATE_URL, uuid4().hex
    yield key
    settings.STATE_URL = state_url
    recent.forget(key)


@pytest.fixture
def tracking_ids(settings: Settings) -> Iterator[list[str]]:
    """The trackers of a rotation's two sides."""
    state_url = settings.STATE_URL
    worker_client().delete(NAME)
    rotation = Rotation.objects.create(key="home", slot="home-recommended", backend="embedded")
    control = get_backend("embedded").control
    made = []
    for colour in ("maize", "blue"):
        name = f"forgetting-{uuid4().hex[:8]}"
        group = control.ensure_dataset_group(name, tags={})
        tracker = control.ensure_event_tracker(name, dataset_group_arn=group.arn)
        Deployment.objects.create(
            rotation=rotation,
            colour=colour,
            tracking_id=tracker.tracking_id,
            watermark_at=conf.now() - timedelta(hours=1),
        )
        made.append(tracker.tracking_id)
    yield made
    settings.STATE_URL = state_url
    rings._quiet_until_s = 0.0
    for tracking_id in made:
        rings.delete_rings(tracking_id)
    worker_client().delete(NAME)


def act(key: str, item_id: str = "ITEM") -> None:
    """Something the shopper does, on its way in the stream."""
    buffer.record(make_interaction(shopper_key=key, item_id=item_id))
    buffer.record(make_interaction(shopper_key=key, item_id=item_id, event_type="purchase"))
    buffer.flush()


def state_of(key: str) -> list[str]:
    """Every key of Valkey that bears the shopper's."""
    return sorted(found.decode() for found in worker_client().scan_iter(f"*{key}*", count=10_000))


def test_forgotten_shopper_leaves_no_live_state(wanda: str, tracking_ids: list[str]) -> None:
    act(wanda)
    runner.run(drain=True)
    fallback.remember_good("home", wanda, ("ITEM",))
    rings_held = [f"ring:{tracking_id}:{wanda}" for tracking_id in tracking_ids]
    assert set(state_of(wanda)) >= {f"recent:{wanda}", f"trades:{wanda}", *rings_held}

    forget_shoppers([wanda])

    assert state_of(wanda) == []
    assert cache.get(f"last-good:home:{wanda}") is None
    assert not worker_client().sismember(f"rings:{tracking_ids[0]}", wanda)


def test_other_shoppers_keep_theirs(wanda: str, tracking_ids: list[str]) -> None:
    act(wanda)
    runner.run(drain=True)
    before = state_of(wanda)

    forget_shoppers([uuid4().hex])

    assert state_of(wanda) == before
    assert len(tracking_ids) == 2


def test_events_that_were_on_their_way_do_not_bring_a_shopper_back(wanda: str, tracking_ids: list[str]) -> None:
    act(wanda)
    forget_shoppers([wanda])
    waiting = erase_due()
    still_waiting = erase_due()
    runner.run(drain=True)
    came_back = state_of(wanda)

    done = erase_due()

    assert (waiting, still_waiting, done) == (0, 0, 1)
    assert len(came_back) == 2 + len(tracking_ids)
    assert state_of(wanda) == []
    assert not LiveErasure.objects.exists()


def test_erasure_outlasts_an_outage_of_valkey(wanda: str, tracking_ids: list[str], settings: Settings) -> None:
    act(wanda)
    runner.run(drain=True)
    state_url, settings.STATE_URL = settings.STATE_URL, "unix:///nonexistent/valkey.sock"

    forget_shoppers([wanda])
    while_away = erase_due()
    settings.STATE_URL = state_url

    assert while_away == 0
    assert len(state_of(wanda)) == 2 + len(tracking_ids)
    assert (erase_due(), erase_due()) == (0, 1)
    assert state_of(wanda) == []


def test_shopper_who_asks_again_begins_again(wanda: str, tracking_ids: list[str]) -> None:
    forget_shoppers([wanda])
    erase_due()
    first = LiveErasure.objects.get()

    forget_shoppers([wanda])

    again = LiveErasure.objects.get()
    assert (bool(first.position), again.position) == (True, "")
    assert again.asked_at > first.asked_at
    assert tracking_ids


def test_forgotten_account_takes_along_what_its_devices_did(wanda: str, tracking_ids: list[str]) -> None:
    device = uuid4().hex
    act(device)
    join_keys(device, wanda)
    buffer.flush()
    runner.run(drain=True)
    joined = state_of(wanda)

    forget_shoppers([wanda])

    assert set(joined) >= {f"recent:{wanda}", *(f"ring:{tracking_id}:{wanda}" for tracking_id in tracking_ids)}
    assert state_of(wanda) == state_of(device) == []
    assert not KeyJoin.objects.exists()


def test_join_on_its_way_does_not_bring_a_shopper_back(wanda: str, tracking_ids: list[str]) -> None:
    device = uuid4().hex
    act(device)
    join_keys(device, wanda)
    buffer.flush()
    forget_shoppers([wanda])
    erase_due()
    runner.run(drain=True)

    done = erase_due()

    assert done == 2
    assert state_of(wanda) == state_of(device) == []
    assert len(tracking_ids) == 2
