"""Products that changed: relayed after their transaction, put as they are now, in tens, into every group once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from redis import Redis

from catalog.models import Product, ProductChange
from recommendations import conf
from recommendations.events import changes
from recommendations.events.changes import ItemForwarder, read_items
from recommendations.events.refusals import refusals
from recommendations.events.schema import ItemChanged
from recommendations.events.stream import StreamFull
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import BackendThrottled, InvalidInput, RecommendationsError
from recommendations.ports import EventSink, Interaction, Item, ItemSeen
from tests.factories.catalog import make_brand, make_category, make_product
from tests.factories.drops import make_announced
from tests.recommendations.events.conftest import Entries


class ItemSink(EventSink):
    """Takes items, after so many failures, but for those that it refuses."""

    def __init__(self, failures: Sequence[RecommendationsError] = (), refused: str = "") -> None:
        self.puts: list[tuple[str, list[str]]] = []
        self._failures = list(failures)
        self._refused = refused

    def put_items(self, dataset_group_arn: str, items: Sequence[Item]) -> None:
        if self._failures:
            raise self._failures.pop(0)
        ids = [item.item_id for item in items]
        if self._refused in ids:
            raise InvalidInput(f"items: {self._refused!r}: BRAND is empty.")
        self.puts.append((dataset_group_arn, ids))

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None: ...
    def put_impressions(self, tracking_id: str, seen: Sequence[ItemSeen]) -> None: ...
    def join_users(self, tracking_id: str, *, user_id: str, heir_id: str) -> None: ...
    def forget_user(self, tracking_id: str, *, user_id: str) -> None: ...


def changed(*item_ids: str, first: int = 1) -> list[ItemChanged]:
    return [ItemChanged(number, item_id, conf.now()) for number, item_id in enumerate(item_ids, first)]


def forwarder() -> ItemForwarder:
    return ItemForwarder(read_items=lambda ids: [Item(id_, {"BRAND": "B"}) for id_ in ids], pause_s=0.001)


def forward(items: ItemForwarder, sink: EventSink, group: str, records: list[ItemChanged]) -> bool:
    return items.forward(sink, group, records, items.read(records))


@pytest.mark.django_db
def test_relay_takes_each_product_once_and_forgets_its_changes(stream: ValkeyStream, entries: Entries) -> None:
    ProductChange.objects.all().delete()
    product = make_product(sku="A")
    make_product(sku="B")
    product.is_listed = False
    product.save()
    numbers = list(ProductChange.objects.values_list("pk", "sku"))

    n_taken = changes.relay(stream=stream)

    ((first, second),) = entries()
    assert isinstance(first, ItemChanged)
    assert isinstance(second, ItemChanged)
    assert n_taken == 3
    assert {(first.number, first.item_id), (second.number, second.item_id)} == set(numbers[1:])
    assert timedelta() <= conf.now() - first.received_at < timedelta(seconds=30)
    assert not ProductChange.objects.exists()
    assert changes.relay(stream=stream) == 0


@pytest.mark.django_db
def test_relay_keeps_what_a_full_stream_refuses(valkey: Redis, stream_name: str) -> None:
    make_product()
    n_waiting = ProductChange.objects.count()

    with pytest.raises(StreamFull):
        changes.relay(stream=ValkeyStream(valkey, name=stream_name, max_length=0))

    assert ProductChange.objects.count() == n_waiting > 0


@pytest.mark.django_db
def test_relay_takes_the_oldest_up_to_its_limit(stream: ValkeyStream) -> None:
    ProductChange.objects.all().delete()
    for number in range(5):
        make_product(sku=f"P-{number}")

    assert changes.relay(3, stream=stream) == 3

    assert list(ProductChange.objects.values_list("sku", flat=True)) == ["P-3", "P-4"]


def test_forwarder_puts_ten_at_a_time_each_item_once() -> None:
    sink, items = ItemSink(), forwarder()
    ids = [f"I-{number:02}" for number in range(23)]

    is_taken = forward(items, sink, "group", changed(*ids, "I-00", "I-05"))

    assert is_taken
    assert sink.puts == [("group", ids[:10]), ("group", ids[10:20]), ("group", ids[20:])]


def test_forwarder_leaves_the_rest_of_thousands_for_when_they_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_PUTS", 2)
    sink, items = ItemSink(), forwarder()
    records = changed(*(f"I-{number:02}" for number in range(45)))

    outcomes = [forward(items, sink, "group", records) for _ in range(3)]

    assert outcomes == [False, False, True]
    assert [id_ for _, ids in sink.puts for id_ in ids] == [f"I-{number:02}" for number in range(45)]


def test_forwarder_goes_on_where_a_group_stopped_and_gives_each_group_its_own() -> None:
    ids = [f"I-{number:02}" for number in range(15)]
    records, items = changed(*ids), forwarder()
    throttled = ItemSink()
    assert forward(items, throttled, "first", records[:10])
    throttled._failures = [BackendThrottled("planted")] * 3
    other = ItemSink()

    outcomes = [forward(items, throttled, "first", records), forward(items, other, "second", records)]
    again = [forward(items, throttled, "first", records), forward(items, other, "second", records)]

    assert (outcomes, again) == ([False, True], [True, True])
    assert throttled.puts == [("first", ids[:10]), ("first", ids[10:])]
    assert other.puts == [("second", ids[:10]), ("second", ids[10:])]


def test_forwarder_puts_an_item_again_when_it_changes_again() -> None:
    sink, items = ItemSink(), forwarder()

    for first in (1, 2):
        forward(items, sink, "group", changed("A", first=first))
        forward(items, sink, "group", changed("A", first=first))

    assert sink.puts == [("group", ["A"])] * 2


def test_forwarder_names_what_is_refused_and_lets_it_go() -> None:
    before = refusals.counts().get("trackers.invalid_input", 0)
    sink, items = ItemSink(refused="BAD"), forwarder()

    is_taken = forward(items, sink, "group", changed("A", "BAD", "C"))

    assert is_taken
    assert refusals.counts()["trackers.invalid_input"] == before + 1
    assert sorted(id_ for _, ids in sink.puts for id_ in ids) == ["A", "C"]


@pytest.mark.django_db
def test_items_are_read_as_the_catalogue_has_them_now() -> None:
    caps, brand = make_category("caps"), make_brand("Sudvale")
    make_product(sku="A", category=caps, brand=brand, retail_price_cents=12_050)
    make_product(sku="TAKEN-OFF", is_listed=False)
    make_product(sku="FEE", attributes={"excluded": "fee line"})
    drop = make_announced(sku="DROP")

    found = {item.item_id: item.properties for item in read_items(["A", "TAKEN-OFF", "FEE", "DROP", "GONE"])}

    assert set(found) == {"A", "DROP"}
    released_s = 1768435200
    assert found["A"] == {"CREATION_TIMESTAMP": released_s, "CATEGORY_L1": "Caps", "BRAND": "Sudvale", "PRICE": 120.5}
    assert found["DROP"]["CREATION_TIMESTAMP"] == int(drop.opens_at.timestamp())
    assert Product.objects.get(sku="DROP").is_listed
