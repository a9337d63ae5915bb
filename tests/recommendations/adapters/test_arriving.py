"""What is put reaches open campaigns behind the requests: by word from Valkey, or by a look without it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters.embedded import arriving, live_log, records
from recommendations.adapters.embedded.arriving import Arrivals
from recommendations.adapters.embedded.live_state import live_state
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.adapters.embedded.training import train_next
from recommendations.adapters.registry import get_backend
from recommendations.datasets import SCHEMAS
from recommendations.exceptions import ResourceNotFound
from recommendations.models.resources import Dataset, DatasetGroup, Schema, StreamedRecord
from recommendations.ports import DatasetType, Item
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db(transaction=True)

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
NAME = "arriving"


def properties(item_id: str) -> dict[str, str | int | float | None]:
    taste = "Odd" if item_id.startswith("ODD") else "Even"
    return {"CREATION_TIMESTAMP": 1_700_000_000, "CATEGORY_L1": taste, "BRAND": taste, "PRICE": 10.0}


@pytest.fixture
def group_arn(calm_world: Path) -> str:
    control = get_backend("embedded").control
    arn = control.ensure_dataset_group(NAME, tags={}).arn
    control.ensure_import("job", dataset_group_arn=arn, location=write_csv(calm_world / "past.csv", past_of(TASTES)))
    rows = [",".join(map(str, (item, *properties(item).values()))) for item in (*TASTES[0], *TASTES[1])]
    items = calm_world / "items.csv"
    items.write_text("\n".join(["ITEM_ID,CREATION_TIMESTAMP,CATEGORY_L1,BRAND,PRICE", *rows]) + "\n")
    control.ensure_import("items", dataset_group_arn=arn, location=items, dataset_type=DatasetType.ITEMS)
    return arn


@pytest.fixture
def campaign_arn(group_arn: str) -> str:
    control = get_backend("embedded").control
    version = control.ensure_solution_version(
        NAME, dataset_group_arn=group_arn, recipe="aws-user-personalization", hyperparameters={}, event_weights={}
    )
    train_next()
    return control.ensure_campaign(NAME, solution_version_arn=version.arn).arn


@pytest.fixture
def runtime() -> Iterator[EmbeddedRuntime]:
    made = EmbeddedRuntime()
    yield made
    made.forget()


def put(group_arn: str, *item_ids: str) -> None:
    get_backend("embedded").events.put_items(group_arn, [Item(item_id, properties(item_id)) for item_id in item_ids])


def soon(is_so: Callable[[], bool], within_s: float = 60.0) -> bool:
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def listed(runtime: EmbeddedRuntime, campaign_arn: str) -> tuple[str, ...]:
    return runtime.get_recommendations(campaign_arn, user_id="odd-1", k=50).item_ids


def test_item_that_is_put_is_known_to_a_campaign_that_is_open(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    before = listed(runtime, campaign_arn)

    put(group_arn, "ODD-NEW")

    assert "ODD-NEW" not in before
    assert soon(lambda: "ODD-NEW" in listed(runtime, campaign_arn))


def test_new_items_are_explored_unless_they_are_old(group_arn: str, campaign_arn: str) -> None:
    artifact = EmbeddedRuntime()._campaigns.find(campaign_arn).artifact
    assert artifact.histories is not None
    trained_until_s = int(artifact.histories.timestamps.max())
    ages_days = {"ODD-TOMORROW": -1, "ODD-OF-29-DAYS": 29, "ODD-OF-31-DAYS": 31}
    dated = [
        Item(id_, {**properties(id_), "CREATION_TIMESTAMP": trained_until_s - days * 86_400})
        for id_, days in ages_days.items()
    ]

    get_backend("embedded").events.put_items(group_arn, dated)

    arrived = EmbeddedRuntime()._campaigns.find(campaign_arn).arrived()
    assert arrived.new_ids == ("ODD-OF-29-DAYS", "ODD-OF-31-DAYS", "ODD-TOMORROW")
    assert arrived.young_ids == ("ODD-OF-29-DAYS", "ODD-TOMORROW")
    assert arrived.young_places.tolist() == [32, 34]


def test_item_that_was_put_is_known_to_a_process_that_begins_later(group_arn: str, campaign_arn: str) -> None:
    put(group_arn, "ODD-NEW")

    assert "ODD-NEW" in listed(EmbeddedRuntime(), campaign_arn)


def test_item_that_was_put_is_an_item_like_any_other_after_the_next_training(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    put(group_arn, "ODD-NEW")
    control = get_backend("embedded").control
    version = control.ensure_solution_version(
        "next", dataset_group_arn=group_arn, recipe="aws-user-personalization", hyperparameters={}, event_weights={}
    )
    train_next()
    arn = control.ensure_campaign("next", solution_version_arn=version.arn).arn

    runtime.get_recommendations(arn, user_id="odd-1", k=1)

    serving = runtime._campaigns.find(arn)
    assert "ODD-NEW" in serving.artifact.model.item_ids_
    assert serving.arrived().new_ids == ()


def test_requests_ask_nothing_of_the_database_for_what_was_put(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    put(group_arn, "ODD-NEW")
    listed(runtime, campaign_arn)

    with CaptureQueriesContext(connection) as asked:
        for _ in range(5):
            listed(runtime, campaign_arn)

    # A campaign without a tracker looks its own row up anew; nothing is asked of records.
    assert not [query for query in asked if StreamedRecord._meta.db_table in query["sql"]]


def test_known_item_costs_a_request_something_only_while_it_is_another_than_was_trained_on(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    listed(runtime, campaign_arn)
    sink = get_backend("embedded").events
    serving = runtime._campaigns.find(campaign_arn)

    def put_at(price: float) -> list[str]:
        changed = Item("ODD-01", {**properties("ODD-01"), "PRICE": price})
        sink.put_items(group_arn, [changed, Item("EVEN-02", properties("EVEN-02"))])
        assert serving.arrivals is not None
        serving.arrivals.look()
        return list(serving.arrived().items.ids)

    assert [put_at(10.0), put_at(11.0), put_at(10.0)] == [[], ["ODD-01"], []]


def test_word_that_comes_while_somebody_looks_is_looked_after_once(
    runtime: EmbeddedRuntime, campaign_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(runtime, campaign_arn)
    arrivals = runtime._campaigns.find(campaign_arn).arrivals
    assert isinstance(arrivals, Arrivals)
    began, may_end, n_looks = threading.Event(), threading.Event(), []

    def look(*, is_first: bool = False) -> None:
        n_looks.append(is_first)
        began.set()
        may_end.wait(60)

    monkeypatch.setattr(arrivals, "look", look)
    arrivals.look_soon()
    began.wait(60)
    for _ in range(50):
        arrivals.look_soon()
    may_end.set()

    assert soon(lambda: not arrivals._is_awake)
    assert n_looks == [False, False]


def test_items_are_found_by_a_look_while_nobody_can_be_told(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(runtime, campaign_arn)
    state_url = settings.STATE_URL
    settings.STATE_URL = "unix:///nowhere/valkey.sock"
    put(group_arn, "ODD-NEW")
    settings.STATE_URL = state_url
    told = "ODD-NEW" in listed(runtime, campaign_arn)

    monkeypatch.setattr(arriving, "LOOK_EVERY_S", 0.0)

    assert not told
    assert soon(lambda: "ODD-NEW" in listed(runtime, campaign_arn))


@pytest.mark.parametrize("fault", [OperationalError("the database is down"), ValueError("PRICE is 'dear'")])
def test_answers_go_on_with_what_is_known_while_records_cannot_be_read(
    runtime: EmbeddedRuntime,
    group_arn: str,
    campaign_arn: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    put(group_arn, "ODD-NEW")
    listed(runtime, campaign_arn)
    arrivals = runtime._campaigns.find(campaign_arn).arrivals
    assert isinstance(arrivals, Arrivals)
    failed = threading.Event()

    def fail(self: object) -> bool:
        failed.set()
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(arriving._Records, "refresh", fail)
        arrivals.look_soon()
        assert failed.wait(60)
        assert soon(lambda: not arrivals._is_awake)
        meanwhile = listed(runtime, campaign_arn)
    put(group_arn, "ODD-NEWER")

    assert "ODD-NEW" in meanwhile
    assert soon(lambda: "ODD-NEWER" in listed(runtime, campaign_arn))


def test_new_items_are_bounded_and_the_oldest_go_first(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "MOST_HELD", 5)
    monkeypatch.setattr(arriving, "MOST_AT_ONCE", 2)
    listed(runtime, campaign_arn)

    for number in range(8):
        put(group_arn, f"ODD-NEW-{number}")

    newest = tuple(f"ODD-NEW-{number}" for number in range(3, 8))
    assert soon(lambda: runtime._campaigns.find(campaign_arn).arrived().new_ids == newest)


def test_item_is_known_to_a_campaign_that_was_open_before_items_could_be_put(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    Dataset.objects.filter(dataset_type=DatasetType.ITEMS.value).delete()
    before = runtime._campaigns.find(campaign_arn).arrivals
    get_backend("embedded").control.ensure_dataset_group(NAME, tags={})
    put(group_arn, "ODD-NEW")

    runtime.look_again(campaign_arn)

    assert before is None
    assert "ODD-NEW" in listed(runtime, campaign_arn)


def test_dataset_that_is_made_anew_takes_the_place_of_what_the_old_one_held(
    runtime: EmbeddedRuntime, group_arn: str, campaign_arn: str
) -> None:
    put(group_arn, "ODD-OLD")
    listed(runtime, campaign_arn)
    arrivals = runtime._campaigns.find(campaign_arn).arrivals
    assert isinstance(arrivals, Arrivals)
    group = DatasetGroup.objects.get()
    old = Dataset.objects.get(dataset_type=DatasetType.ITEMS.value)
    old.delete()
    columns = [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "string", "categorical": True}]
    text = json.dumps({**SCHEMAS[DatasetType.ITEMS], "fields": columns})
    made: dict[str, Any] = {"status": old.status, "created_at": old.created_at, "updated_at": old.updated_at}
    schema = Schema.objects.create(arn="other", name="other", text=text, **made)
    new = Dataset.objects.create(arn=old.arn, dataset_group=group, dataset_type="ITEMS", schema=schema, **made)

    records.put_records(new, {"ODD-NEW": {"ITEM_ID": "ODD-NEW", "PRICE": "dear"}})
    arrivals.look()

    assert arrivals.arrived().items.ids == ("ODD-NEW",)


def test_group_that_is_deleted_takes_along_what_was_put(group_arn: str) -> None:
    put(group_arn, "ODD-NEW")
    key = live_log.log_key(records.news_of(DatasetGroup.objects.get().pk))
    n_before = live_state(1.0).exists(key)

    get_backend("embedded").control.delete_dataset_group(group_arn)

    assert (n_before, live_state(1.0).exists(key)) == (1, 0)
    assert not StreamedRecord.objects.exists()
    with pytest.raises(ResourceNotFound, match="takes items"):
        put(group_arn, "ODD-NEW")


def test_item_that_is_put_twice_is_kept_once_as_it_was_put_last(group_arn: str) -> None:
    sink = get_backend("embedded").events
    for price in (1.0, 2.0):
        sink.put_items(group_arn, [Item("A", {**properties("A"), "PRICE": price})])

    (record,) = StreamedRecord.objects.all()

    assert record.properties["PRICE"] == 2.0
    assert record.put_at <= conf.now()
