"""A retrain reads from the archive what it would have read from the store, whoever wrote the files."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from recommendations import conf
from recommendations.events.ids import uuid7
from recommendations.events.schema import EVENT_TYPES, Joined
from recommendations.events.store import store
from recommendations.events.wire import encode_entries
from recommendations.exceptions import InvalidInput
from recommendations.models import Interaction as StoredInteraction
from recommendations.pipeline.archive.hours import hour_of, name_of
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.archive.writing import archive_interactions
from recommendations.pipeline.etl.reading import ShopperRows, read_shoppers
from recommendations.ports import Interaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def past(n_shoppers: int = 4, n_events: int = 6) -> list[Interaction]:
    return [
        Interaction(uuid7(moment), f"shopper-{shopper}", "s", f"ITEM-{event}", "product_view", moment, moment, 1.5)
        for shopper in range(n_shoppers)
        for event in range(n_events)
        for moment in [conf.now() - timedelta(hours=5 + 7 * event + shopper)]
    ]


def read(archive: Place | None, *, since: datetime | None = None, until: datetime | None = None) -> list[ShopperRows]:
    since = since or conf.now() - timedelta(days=30)
    return list(read_shoppers(since=since, until=until or conf.now(), event_types=list(EVENT_TYPES), archive=archive))


def put(place: Place, folder: Path, name: str, content: str) -> None:
    path = folder / "local.gz"
    path.write_bytes(gzip.compress(content.encode()))
    place.store(path, name)


def lose_the_store(received_before: datetime) -> None:
    StoredInteraction.objects.filter(received_at__lt=received_before).delete()


def test_archive_gives_what_the_store_had(place: Place) -> None:
    store(past())
    from_store = read(None)
    archive_interactions(place)

    lose_the_store(conf.now())

    assert len(from_store) == 4
    assert read(place) == from_store


def test_what_is_newer_than_the_archive_comes_from_the_store(folder: Place) -> None:
    new = conf.now()
    store([*past(1, 3), Interaction(uuid7(new), "shopper-0", "s", "NEW", "product_view", new, new)])
    archive_interactions(folder)
    lose_the_store(new)

    (shopper,) = read(folder)

    assert [row.item_id for row in shopper.rows] == ["ITEM-2", "ITEM-1", "ITEM-0", "NEW"]


def test_what_lies_in_both_comes_once(folder: Place, tmp_path: Path) -> None:
    store(past(2, 5))
    archive_interactions(folder)
    first = min(Path(tmp_path / "archive").rglob("*.gz"))
    copied = f"{first.parent.relative_to(tmp_path / 'archive')}/copy.gz"
    put(folder, tmp_path, copied, gzip.decompress(first.read_bytes()).decode())

    shoppers = read(folder)

    assert [shopper.n_rows for shopper in shoppers] == [5, 5]


def test_window_and_watermark_hold(folder: Place) -> None:
    store(past(1, 6))
    archive_interactions(folder)
    since, until = conf.now() - timedelta(hours=30), conf.now() - timedelta(hours=10)

    assert read(folder, since=since, until=until) == read(None, since=since, until=until)
    assert [row.item_id for row in read(folder, since=since, until=until)[0].rows] == ["ITEM-3", "ITEM-2", "ITEM-1"]


@pytest.mark.parametrize("between", ["", "\n"])
def test_files_that_firehose_made_of_the_stream_are_read(folder: Place, tmp_path: Path, between: str) -> None:
    records: Sequence[Interaction] = past(2, 60)
    joined = Joined("a", "b", conf.now())
    payloads = [entry.decode() for entry in encode_entries([*records, joined])]
    name = name_of(hour_of(conf.now())).replace("interactions-1", f"shop-1-{uuid4()}")
    put(folder, tmp_path, name, between.join(payloads))

    shoppers = read(folder)

    assert len(payloads) == 2
    assert [shopper.n_rows for shopper in shoppers] == [60, 60]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"event_id": "x"}', "'shopper_key' is missing"),
        ("no json", "Expecting value"),
        ("7", "neither an interaction nor an entry"),
        ('[["i", 3]]', "does not parse"),
    ],
)
def test_damaged_file_is_named_with_the_fix(folder: Place, tmp_path: Path, content: str, why: str) -> None:
    name = name_of(hour_of(conf.now()))
    put(folder, tmp_path, name, content)

    with pytest.raises(InvalidInput) as raised:
        read(folder)

    assert name in str(raised.value)
    assert why in str(raised.value)
    assert "manage.py archive_interactions --since" in str(raised.value)


def test_file_that_is_cut_off_is_named(folder: Place, tmp_path: Path) -> None:
    name = name_of(hour_of(conf.now()))
    path = tmp_path / "cut"
    path.write_bytes(gzip.compress(b"[]\n" * 1000)[:-12])
    folder.store(path, name)

    with pytest.raises(InvalidInput, match="is damaged"):
        read(folder)


def test_value_that_is_no_interaction_is_named(folder: Place, tmp_path: Path) -> None:
    store(past(1, 1))
    archive_interactions(folder)
    name = name_of(hour_of(conf.now()))
    fields = ("event_id", "shopper_key", "item_id", "event_type", "event_value", "occurred_at", "received_at")
    put(folder, tmp_path, name, json.dumps(dict.fromkeys(fields, "soon")))

    with pytest.raises(InvalidInput, match="holds what is no interaction"):
        read(folder)


def test_empty_archive_is_said_with_both_ways_out(folder: Place) -> None:
    with pytest.raises(InvalidInput, match=r"manage\.py archive_interactions, or set RETRAIN_FROM=store"):
        read(folder)
