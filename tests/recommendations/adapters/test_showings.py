"""Counters of what was shown: young items alone, each sight once, bounded, gone with their tracker."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import showings
from recommendations.adapters.embedded.live_state import live_state
from recommendations.adapters.embedded.showings import (
    announce_young,
    count_clicks,
    count_impressions,
    delete_showings,
    read_shown,
)
from recommendations.exceptions import BackendUnavailable

pytestmark = pytest.mark.usefixtures("calm_world")


@pytest.fixture
def tracking_id() -> str:
    return f"showings-{uuid4().hex}"


def counted(tracking_id: str, *item_ids: str) -> list[tuple[float, float]]:
    shown = read_shown(tracking_id, item_ids)
    assert shown is not None
    return list(zip(shown.impressions.tolist(), shown.clicks.tolist(), strict=True))


def sights(n: int, item_id: str) -> list[tuple[bytes, str]]:
    return [(uuid4().bytes, item_id) for _ in range(n)]


def test_showings_of_young_items_are_counted_and_of_others_not(tracking_id: str) -> None:
    announce_young(tracking_id, ["a", "b"])

    count_impressions(tracking_id, [*sights(3, "a"), *sights(2, "old")])
    count_clicks(tracking_id, [*sights(1, "a"), *sights(1, "old")])

    assert counted(tracking_id, "b", "a", "old") == [(0, 0), (3, 1), (0, 0)]


def test_showings_told_again_are_counted_once(tracking_id: str) -> None:
    announce_young(tracking_id, ["a"])
    seen = sights(4, "a")

    for _ in range(3):
        count_impressions(tracking_id, seen)
        count_clicks(tracking_id, seen[:2])

    assert counted(tracking_id, "a") == [(4, 2)]


def test_showings_remember_so_many_sights_and_no_more(tracking_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showings, "REMEMBERED", 50)
    announce_young(tracking_id, ["a"])

    for _ in range(10):
        count_impressions(tracking_id, sights(30, "a"))

    client = live_state(showings.TIMEOUT_S)
    assert client.zcard(f"told:{tracking_id}") == 50
    assert all(client.ttl(f"{name}:{tracking_id}") > 0 for name in ("young", "told", "shown"))
    assert counted(tracking_id, "a") == [(300, 0)]


def test_showings_of_a_tracker_that_announced_nothing_are_unknown(tracking_id: str) -> None:
    count_impressions(tracking_id, sights(3, "a"))
    announce_young(tracking_id, [])

    assert read_shown(tracking_id, ["a"]) is None


def test_showings_go_with_their_tracker(tracking_id: str) -> None:
    announce_young(tracking_id, ["a"])
    count_impressions(tracking_id, sights(3, "a"))

    delete_showings(tracking_id)

    assert not live_state(showings.TIMEOUT_S).keys(f"*{tracking_id}")


def test_showings_say_that_valkey_is_away(tracking_id: str, settings: Settings, tmp_path: Path) -> None:
    settings.STATE_URL = f"unix://{tmp_path}/nowhere.sock"

    with pytest.raises(BackendUnavailable):
        announce_young(tracking_id, ["a"])
    with pytest.raises(BackendUnavailable):
        count_clicks(tracking_id, sights(1, "a"))
    with pytest.raises(BackendUnavailable):
        read_shown(tracking_id, ["a"])
    with pytest.raises(BackendUnavailable):
        delete_showings(tracking_id)
