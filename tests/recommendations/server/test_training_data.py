"""What is known of items and not trained on: filters find it, and answers tell it."""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.wire import GENRES, INTERACTION_FIELDS, ITEMS_PER_GENRE, STRING, refused, write_interactions
from tests.factories.wire_groups import Group
from tests.wire_server import WireServer

FIELDS = (
    {"name": "ITEM_ID", **STRING},
    {"name": "COLOUR", **STRING, "categorical": True},
    {"name": "PROMOTED", **STRING},
    {"name": "STORY", "type": ["null", "string"], "textual": True},
)
STORY = 'A tale, told twice\n"at length"'


def _write(path: Path) -> Path:
    n_items = len(GENRES) * ITEMS_PER_GENRE
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field["name"] for field in FIELDS])
        writer.writerows([f"item-{n}", ("red", "blue")[n % 2], "Y" if n < 10 else "N", STORY] for n in range(n_items))
    return path


class Told:
    """A group with a campaign that tells what is known of items, trained without their colours."""

    def __init__(self, personalize: Any, folder: Path) -> None:
        self.group = Group.make(personalize, "told")
        interactions = self.group.dataset("Interactions", INTERACTION_FIELDS)
        self.items = self.group.dataset("Items", FIELDS)
        for dataset, path in (
            (interactions, write_interactions(folder / "interactions.csv")),
            (self.items, _write(folder / "items.csv")),
        ):
            assert self.group.run_import(dataset, path)["status"] == "ACTIVE"
        left_out = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["COLOUR"]}}}
        version = self.group.train(self.group.solution(solutionConfig=left_out))
        assert version["solutionConfig"] == left_out
        self.campaign = self.group.campaign(
            version["solutionVersionArn"], campaignConfig={"enableMetadataWithRecommendations": True}
        )


@pytest.fixture(scope="module")
def told(wire_server: WireServer, personalize: Any) -> Iterator[Told]:
    made = Told(personalize, wire_server.data / "told")
    yield made
    made.group.delete()


def test_strings_that_are_not_trained_on_are_filtered_by_and_told(told: Told, runtime: Any) -> None:
    promoted = told.group.filter('INCLUDE ItemID WHERE Items.PROMOTED IN ("Y") AND Items.COLOUR IN ("red")')

    answer = runtime.get_recommendations(
        campaignArn=told.campaign,
        userId="user-1",
        numResults=50,
        filterArn=promoted,
        metadataColumns={"ITEMS": ["COLOUR", "PROMOTED", "STORY"]},
    )

    items = {item["itemId"]: item["metadata"] for item in answer["itemList"]}
    assert set(items) == {f"item-{n}" for n in range(0, 10, 2)}
    assert all(each == {"COLOUR": "red", "PROMOTED": "Y", "STORY": STORY} for each in items.values())


def test_strings_that_are_put_are_filtered_by(told: Told, runtime: Any, events: Any) -> None:
    promoted = told.group.filter('INCLUDE ItemID WHERE Items.PROMOTED IN ("soon")')
    item = {"itemId": "item-50", "properties": json.dumps({"colour": "red", "promoted": "soon", "story": None})}
    asked = {"campaignArn": told.campaign, "userId": "user-1", "filterArn": promoted}

    events.put_items(datasetArn=told.items, items=[item])

    deadline = time.monotonic() + 60
    while [each["itemId"] for each in runtime.get_recommendations(**asked)["itemList"]] != ["item-50"]:
        assert time.monotonic() < deadline, "The item does not pass by what it was put with."
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"excludedDatasetColumns": {"ITEMS": ["SIZE"]}}, ("SIZE", "COLOUR")),
        ({"excludedDatasetColumns": {"ITEMS": ["ITEM_ID"]}}, ("ITEM_ID", "left out")),
        ({"excludedDatasetColumns": {"USERS": ["AGE"]}}, ("USERS", "no such dataset")),
        ({"includedDatasetColumns": {"ITEMS": ["COLOUR"]}}, ("includedDatasetColumns",)),
    ],
)
def test_training_data_that_cannot_be_left_out_is_refused(
    told: Told, config: dict[str, Any], words: tuple[str, ...]
) -> None:
    with refused("InvalidInputException", "solutionConfig.trainingDataConfig", *words):
        told.group.solution(solutionConfig={"trainingDataConfig": config})
