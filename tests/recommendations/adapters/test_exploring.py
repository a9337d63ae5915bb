"""What a campaign explores: told to Valkey, learned from it, and gone on with when it is away."""

import time
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from recommendations.adapters.embedded import exploring, showings
from recommendations.adapters.embedded.exploring import Explorer
from recommendations.engine.answers.scoring import Everywhere

pytestmark = pytest.mark.usefixtures("calm_world")

SCORES = np.linspace(1.0, 0.5, 60).astype(np.float32)


@pytest.fixture
def explorer(monkeypatch: pytest.MonkeyPatch) -> Explorer:
    made = Explorer(f"exploring-{uuid4().hex}", 0.5, np.array([58, 59]), ["a", "b"])
    # Nothing is refreshed but where a test says so: a first request would.
    made._refreshed_at_s = time.monotonic()
    monkeypatch.setattr(exploring, "REFRESH_S", 1e9)
    return made


def n_lists_with(explorer: Explorer, item: int, n: int = 100) -> int:
    lists = [explorer.best(Everywhere(SCORES), 12, None, recommendation_id=f"{number}") for number in range(n)]
    return sum(item in found.items for found in lists)


def await_refresh(explorer: Explorer) -> None:
    for _ in range(6_000):
        if not explorer._refreshing.locked():
            return
        time.sleep(0.01)
    raise AssertionError("the refresh does not end")


def test_explorer_announces_its_items_and_learns_how_they_do(explorer: Explorer) -> None:
    explorer.refresh()
    showings.count_impressions(explorer._tracking_id, [(uuid4().bytes, "a") for _ in range(80)])
    before = n_lists_with(explorer, 58), n_lists_with(explorer, 59)

    explorer.refresh()

    after = n_lists_with(explorer, 58), n_lists_with(explorer, 59)
    assert min(before) > 10
    assert (after[0], after[1]) == (0, before[1])


def test_explorer_announces_its_items_beside_those_of_an_earlier_model(explorer: Explorer) -> None:
    showings.announce_young(explorer._tracking_id, ["of-last-night"])

    explorer.refresh()
    showings.count_clicks(explorer._tracking_id, [(uuid4().bytes, item) for item in ("a", "of-last-night")])
    explorer.refresh()

    assert explorer._told[1].clicks.tolist() == [1, 0]


def test_explorer_refreshes_behind_the_requests(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring, "REFRESH_S", 0.0)
    n_lists_with(explorer, 58, 1)
    await_refresh(explorer)
    showings.count_clicks(explorer._tracking_id, [(uuid4().bytes, "a") for _ in range(30)])
    n_lists_with(explorer, 58, 1)
    await_refresh(explorer)

    assert explorer._told[1].clicks.tolist() == [30, 0]


def test_explorer_announces_its_items_again_after_valkey_lost_them(explorer: Explorer) -> None:
    explorer.refresh()
    showings.delete_showings(explorer._tracking_id)

    explorer.refresh()

    assert showings.read_shown(explorer._tracking_id, ["a", "b"]) is not None


def test_explorer_goes_on_while_valkey_is_away(explorer: Explorer, settings: Settings, tmp_path: Path) -> None:
    explorer.refresh()
    showings.count_clicks(explorer._tracking_id, [(uuid4().bytes, "a") for _ in range(30)])
    explorer.refresh()
    settings.STATE_URL = f"unix://{tmp_path}/nowhere.sock"

    explorer.refresh()

    assert explorer._told[1].clicks.tolist() == [30, 0]
    assert n_lists_with(explorer, 58, 10) == 10


def test_explorer_learns_how_newcomers_do_and_damps_those_that_are_passed_over(explorer: Explorer) -> None:
    scores, places, ids = np.append(SCORES, [0.4, 0.4]).astype(np.float32), np.array([60, 61]), ("new-a", "new-b")

    def n_lists() -> list[int]:
        lists = [
            explorer.best(
                Everywhere(scores), 12, None, recommendation_id=f"{number}", newcomers=places, newcomer_ids=ids
            ).items
            for number in range(100)
        ]
        return [sum(place in items for items in lists) for place in places]

    before = n_lists()
    explorer.refresh()
    showings.count_impressions(explorer._tracking_id, [(uuid4().bytes, "new-a") for _ in range(80)])
    explorer.refresh()
    after = n_lists()

    assert min(before) > 10
    assert after[0] == 0
    assert after[1] > 10
