"""What was shown and not clicked on is explored less: told by name, or by the list that it was shown in."""

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from recommendations.adapters.embedded.listed import remember_list
from recommendations.server.impressions import items_seen
from tests.factories.wire import (
    INTERACTION_FIELDS,
    ITEM_FIELDS,
    unique,
    wait_until_active,
    write_interactions,
    write_items,
)
from tests.factories.wire_groups import Group
from tests.wire_server import WireServer

N_YOUNG = 12
# A campaign learns how its young items do every five seconds.
LEARNS_S = 6.0
DATED_FIELDS = (*ITEM_FIELDS, {"name": "CREATION_TIMESTAMP", "type": "long"})


def _write_dated_items(path: Path, created_s: int) -> Path:
    """The items as ever, all old, and new ones that nobody has touched."""
    with write_items(path).open(newline="") as file:
        header, *rows = list(csv.reader(file))
    old = [[*row, str(created_s - 400 * 86_400)] for row in rows]
    young = [[f"young-{number}", "comedy|all", "5", str(created_s)] for number in range(N_YOUNG)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[*header, "CREATION_TIMESTAMP"], *old, *young])
    return path


class Exploring:
    """A group whose campaign explores new items as strongly as it can."""

    def __init__(self, personalize: Any, runtime: Any, folder: Path) -> None:
        self.group = Group.make(personalize, "exploring")
        interactions = self.group.dataset("Interactions", INTERACTION_FIELDS)
        items = self.group.dataset("Items", DATED_FIELDS)
        file = write_interactions(folder / "interactions.csv")
        with file.open(newline="") as read:
            newest_s = max(int(row["TIMESTAMP"]) for row in csv.DictReader(read))
        for dataset, path in ((interactions, file), (items, _write_dated_items(folder / "items.csv", newest_s))):
            job = self.group.start_import(dataset, path)
            wait_until_active(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job)
        _, self.tracking_id = self.group.tracker()
        version = self.group.train(self.group.solution())
        config = {"itemExplorationConfig": {"explorationWeight": "0.8", "explorationItemAgeCutOff": "30"}}
        self.campaign = self.group.campaign(version["solutionVersionArn"], campaignConfig=config)
        self._runtime = runtime

    def recommend(self) -> tuple[str, list[str]]:
        """A list's id, and the young items in it."""
        answer = self._runtime.get_recommendations(campaignArn=self.campaign, userId="user-1", numResults=12)
        items = [item["itemId"] for item in answer["itemList"]]
        return answer["recommendationId"], [item for item in items if item.startswith("young-")]

    def share(self) -> float:
        """How many young items a list has."""
        return sum(len(self.recommend()[1]) for _ in range(40)) / 40


@pytest.fixture(scope="module")
def exploring(wire_server: WireServer, personalize: Any, runtime: Any) -> Iterator[Exploring]:
    made = Exploring(personalize, runtime, wire_server.data / "exploring")
    yield made
    made.group.delete()


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether a campaign learns it, in many times the seconds after which it looks."""
    deadline = time.monotonic() + 10 * LEARNS_S
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.5)
    return False


def _event(**more: Any) -> dict[str, Any]:
    return {"eventType": "view", "itemId": "item-25", "sentAt": time.time(), **more}


def test_lists_that_events_name_tell_that_their_items_were_shown(exploring: Exploring, events: Any) -> None:
    exploring.recommend()
    time.sleep(LEARNS_S)
    before = exploring.share()

    def tell(n_lists: int) -> None:
        lists = [exploring.recommend()[0] for _ in range(n_lists)]
        for first in range(0, len(lists), 10):
            named = [_event(recommendationId=each) for each in lists[first : first + 10]]
            events.put_events(trackingId=exploring.tracking_id, sessionId=unique("s"), userId="seer", eventList=named)

    def is_passed_over() -> bool:
        # What was told before the campaign had announced its items counts for nothing.
        tell(40)
        return exploring.share() < before / 2

    tell(400)

    assert before >= 1
    assert soon(is_passed_over)


def test_items_that_events_name_and_that_are_clicked_on_are_explored_more(exploring: Exploring, events: Any) -> None:
    for _ in range(30):
        clicked = [_event(itemId="young-0", impression=["young-0", "item-25"]) for _ in range(10)]
        events.put_events(
            trackingId=exploring.tracking_id, sessionId=unique("s"), userId=unique("u"), eventList=clicked
        )

    assert soon(lambda: sum("young-0" in exploring.recommend()[1] for _ in range(40)) > 30)


@pytest.mark.usefixtures("calm_world")
def test_items_that_an_event_names_win_over_its_list() -> None:
    tracking_id = f"impressions-{uuid4().hex}"
    remember_list(tracking_id, "list", ["a", "b"])
    by_name = {"eventId": "1", "recommendationId": "list", "impression": ["c"]}
    by_list = {"eventId": "2", "recommendationId": "list"}

    seen = items_seen(tracking_id, [by_name, by_list, by_list, {"eventId": "3"}])

    assert [each.item_id for each in seen] == ["c", "a", "b", "a", "b"]
    assert len({each.impression_id for each in seen}) == 3
    assert items_seen(tracking_id, [{"eventId": "4", "recommendationId": "unknown"}]) == []
