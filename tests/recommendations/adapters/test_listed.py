"""What a tracker's newest lists held: bounded, gone with the tracker."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import listed
from recommendations.adapters.embedded.listed import delete_lists, read_lists, remember_list
from recommendations.adapters.embedded.live_state import live_state
from recommendations.exceptions import BackendUnavailable

pytestmark = pytest.mark.usefixtures("calm_world")


@pytest.fixture
def tracking_id() -> str:
    return f"listed-{uuid4().hex}"


def test_lists_are_read_by_their_ids(tracking_id: str) -> None:
    remember_list(tracking_id, "first", ["a", "b\n,"])
    remember_list(tracking_id, "second", ["c"])

    found = read_lists(tracking_id, ["second", "unknown", "first"])

    assert found == {"second": ["c"], "first": ["a", "b\n,"]}
    assert read_lists(tracking_id, []) == {}
    assert read_lists(f"{tracking_id}-other", ["first"]) == {}


def test_lists_are_remembered_so_many_and_no_more(tracking_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "REMEMBERED", 3)

    for number in range(10):
        remember_list(tracking_id, f"{number}", ["a"])

    client = live_state(listed.READ_TIMEOUT_S)
    assert len(read_lists(tracking_id, [f"{number}" for number in range(10)])) == 3
    assert client.hlen(f"listed:{tracking_id}") == client.zcard(f"listed_order:{tracking_id}") == 3
    assert all(client.ttl(f"{name}:{tracking_id}") > 0 for name in ("listed", "listed_order"))


def test_lists_go_with_their_tracker(tracking_id: str) -> None:
    remember_list(tracking_id, "first", ["a"])

    delete_lists(tracking_id)

    assert not live_state(listed.READ_TIMEOUT_S).keys(f"*{tracking_id}")


def test_lists_say_that_valkey_is_away(tracking_id: str, settings: Settings, tmp_path: Path) -> None:
    settings.STATE_URL = f"unix://{tmp_path}/nowhere.sock"

    with pytest.raises(BackendUnavailable):
        remember_list(tracking_id, "first", ["a"])
    with pytest.raises(BackendUnavailable):
        read_lists(tracking_id, ["first"])
    with pytest.raises(BackendUnavailable):
        delete_lists(tracking_id)
