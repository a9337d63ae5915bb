"""Items and users that are put: known to the next answers, without a training."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.factories.wire import genre_of, unique
from tests.factories.wire_groups import Trained
from tests.wire_server import WireServer

WITHIN_S = 60.0
# Likes comedies; see `write_interactions`.
USER = "user-1"


@pytest.fixture(scope="module")
def growing(wire_server: WireServer, personalize: Any) -> Iterator[Trained]:
    """A group of this module's own: what is put stays."""
    made = Trained.make(personalize, wire_server.data / "growing")
    yield made
    made.group.delete()


def put_item(events: Any, group: Trained, item_id: str, genre: str, price: float = 5.0) -> None:
    properties = json.dumps({"genre": genre, "price": price})
    events.put_items(datasetArn=group.items, items=[{"itemId": item_id, "properties": properties}])


def recommend(runtime: Any, group: Trained, k: int = 500, **more: Any) -> list[str]:
    answer = runtime.get_recommendations(campaignArn=group.campaign, userId=USER, numResults=k, **more)
    return [item["itemId"] for item in answer["itemList"]]


def soon(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.1)
    return False


def test_item_that_is_put_is_recommended_to_those_who_like_its_kind(
    runtime: Any, events: Any, growing: Trained
) -> None:
    item_id = unique("comedy")
    assert item_id not in recommend(runtime, growing)

    put_item(events, growing, item_id, "comedy|all")

    assert soon(lambda: item_id in recommend(runtime, growing))
    first_lists = [recommend(runtime, growing, k=25) for _ in range(20)]
    assert sum(item_id in listed for listed in first_lists) > 10


def test_item_that_is_put_passes_filters_by_what_it_was_put_with(runtime: Any, events: Any, growing: Trained) -> None:
    genre = growing.group.filter("INCLUDE ItemID WHERE Items.GENRE IN ($G)")
    item_id = unique("horror")

    put_item(events, growing, item_id, "horror")

    assert soon(lambda: item_id in recommend(runtime, growing, filterArn=genre, filterValues={"G": '"horror"'}))
    assert item_id not in recommend(runtime, growing, filterArn=genre, filterValues={"G": '"comedy"'})


def test_known_item_that_is_put_anew_passes_filters_by_its_new_properties(
    runtime: Any, events: Any, growing: Trained
) -> None:
    dear = growing.group.filter("INCLUDE ItemID WHERE Items.PRICE > 100000")
    assert recommend(runtime, growing, filterArn=dear) == []

    put_item(events, growing, "item-25", "comedy|all", price=100_001)

    assert soon(lambda: recommend(runtime, growing, filterArn=dear) == ["item-25"])
    assert genre_of("item-25") == "comedy"


def test_user_who_is_put_is_known_to_filters(runtime: Any, events: Any, growing: Trained) -> None:
    grown_up = growing.group.filter(
        'EXCLUDE ItemID WHERE Items.GENRE IN ("all") IF CurrentUser.AGE < 18 | INCLUDE ItemID WHERE Items.PRICE > 0'
    )
    user_id = unique("child")
    asked = {"campaignArn": growing.campaign, "userId": user_id, "numResults": 500, "filterArn": grown_up}
    assert len(runtime.get_recommendations(**asked)["itemList"]) > 50

    events.put_users(datasetArn=growing.users, users=[{"userId": user_id, "properties": json.dumps({"age": 9})}])

    def is_child() -> bool:
        listed = [item["itemId"] for item in runtime.get_recommendations(**asked)["itemList"]]
        return not any(item_id.startswith("item-") for item_id in listed)

    assert soon(is_child)
