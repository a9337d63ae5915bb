"""Each closed hour is one file; what is open, written or expired is left, replaced or deleted."""

import gzip
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from recommendations import conf, tasks
from recommendations.events import pulse
from recommendations.events.connections import worker_client
from recommendations.events.ids import uuid7
from recommendations.events.store import store
from recommendations.events.stream import NAME
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import StreamUnavailable
from recommendations.models import Interaction as StoredInteraction
from recommendations.pipeline.archive.hours import hour_of, name_of
from recommendations.pipeline.archive.place import Place
from recommendations.pipeline.archive.writing import archive_interactions, list_files
from recommendations.ports import Interaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def received(moment: datetime, item_id: str = "A", **fields: Any) -> Interaction:
    return Interaction(uuid7(moment), "ann", "s", item_id, "product_view", moment, moment, **fields)


def hours_ago(hours: float) -> datetime:
    """In the middle of an hour that ended so many hours ago."""
    return hour_of(conf.now()) - timedelta(hours=hours) + timedelta(minutes=30)


def lines_of(place: Place, name: str) -> list[dict[str, Any]]:
    with place.open(name) as raw, gzip.open(raw, "rt") as lines:
        return [json.loads(line) for line in lines]


def test_closed_hours_are_written_with_every_field(place: Place) -> None:
    early, late = (
        received(hours_ago(5), event_value=12.5),
        received(hours_ago(3), "B", recommendation_id=uuid7(conf.now())),
    )
    store([late, early, received(conf.now(), "OPEN")])

    archived = archive_interactions(place)

    assert (archived.n_hours, archived.n_interactions) == (2, 2)
    assert [file.name for file in list_files(place)] == [name_of(hour_of(each.received_at)) for each in (early, late)]
    (first,) = lines_of(place, name_of(hour_of(early.received_at)))
    assert datetime.fromisoformat(first.pop("occurred_at")) == early.occurred_at
    assert datetime.fromisoformat(first.pop("received_at")) == early.received_at
    assert first == {
        "event_id": str(early.event_id),
        "shopper_key": "ann",
        "session_id": "s",
        "item_id": "A",
        "event_type": "product_view",
        "event_value": 12.5,
        "recommendation_id": None,
    }
    assert lines_of(place, name_of(hour_of(late.received_at)))[0]["recommendation_id"] == str(late.recommendation_id)


def test_next_call_writes_only_what_is_new(folder: Place) -> None:
    store([received(hours_ago(400))])
    archive_interactions(folder)
    nothing_new = archive_interactions(folder)
    store([received(hours_ago(3), "B")])

    again = archive_interactions(folder, most_hours=72)

    assert (nothing_new.n_hours, nothing_new.n_interactions) == (0, 0)
    assert (again.n_hours, again.n_interactions) == (1, 1)


def test_hours_are_written_anew_where_that_is_asked(folder: Place) -> None:
    store([received(hours_ago(5))])
    archive_interactions(folder)
    store([received(hours_ago(5), "LATE")])

    archived = archive_interactions(folder, since=hours_ago(6))

    assert (archived.n_hours, archived.n_interactions) == (1, 2)
    assert len(list_files(folder)) == 1


def test_same_interactions_are_the_same_bytes(folder: Place) -> None:
    store([received(hours_ago(5)), received(hours_ago(5), "B")])
    name = name_of(hour_of(hours_ago(5)))
    archive_interactions(folder)
    with folder.open(name) as file:
        once = file.read()

    archive_interactions(folder, since=hours_ago(6))

    with folder.open(name) as file:
        assert file.read() == once


def test_bounded_call_goes_on_at_the_next_one(folder: Place) -> None:
    store([received(hours_ago(hours)) for hours in (9, 8, 2)])

    n_hours = [archive_interactions(folder, most_hours=2).n_hours for _ in range(3)]

    assert n_hours == [2, 1, 0]


def test_nothing_to_archive_is_said(folder: Place) -> None:
    archived = archive_interactions(folder)

    assert (archived.n_hours, list_files(folder)) == (0, [])


def test_hours_whose_events_are_on_their_way_wait(folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = ValkeyStream.of_settings()
    stream.ensure_groups()
    stream.append([b"[]"])
    store([received(hours_ago(5))])
    real = pulse.time_s
    monkeypatch.setattr(pulse, "time_s", lambda client: real(client) + 6 * 3600)

    behind = archive_interactions(folder)
    stream.commit("store", stream.read("store", "one-1", count=10, wait_ms=1).checkpoint)
    caught_up = archive_interactions(folder)
    worker_client().delete(NAME)

    assert (behind.n_hours, caught_up.n_hours) == (0, 1)


def test_unknown_lag_archives_nothing(folder: Place, settings: Settings) -> None:
    store([received(hours_ago(5))])
    settings.STATE_URL = "unix:///nonexistent/valkey.sock"

    with pytest.raises(StreamUnavailable):
        archive_interactions(folder)

    assert list_files(folder) == []


def test_months_beyond_the_retention_are_deleted(place: Place, settings: Settings) -> None:
    settings.RETENTION_MONTHS = 1
    old, kept = conf.now() - timedelta(days=70), hours_ago(5)
    store([received(old), received(kept)])
    archive_interactions(place)
    before = len(list_files(place))
    StoredInteraction.objects.filter(received_at__lt=conf.now() - timedelta(days=60)).delete()

    archived = archive_interactions(place)

    assert (before, archived.n_deleted) == (2, 1)
    assert [file.hour for file in list_files(place)] == [hour_of(kept)]


def test_beat_archives_where_an_archive_is_named(folder: Place, settings: Settings) -> None:
    store([received(hours_ago(5))])

    tasks.archive_interactions()
    n_files = len(list_files(folder))
    settings.ARCHIVE_URL = ""
    tasks.archive_interactions()

    assert n_files == 1


def test_command_says_what_it_did(folder: Place, capsys: pytest.CaptureFixture[str]) -> None:
    store([received(hours_ago(5))])

    call_command("archive_interactions")
    call_command("archive_interactions", since=hours_ago(48))

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 interactions in 1 files; complete up to ")
    assert second.startswith("1 interactions in 1 files")


def test_command_refuses_what_is_no_day_and_no_archive(settings: Settings) -> None:
    with pytest.raises(CommandError, match="'soon' is no day"):
        call_command("archive_interactions", "--since", "soon")
    settings.ARCHIVE_URL = ""
    with pytest.raises(CommandError, match="ARCHIVE_URL is empty"):
        call_command("archive_interactions")
