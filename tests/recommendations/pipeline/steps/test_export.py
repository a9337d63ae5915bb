"""Export: exactly the interactions of the window up to the watermark, in a file that is whole or not there."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.events.store import store
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from recommendations.exceptions import InvalidInput, StreamUnavailable
from recommendations.models import Interaction, RetrainRun
from recommendations.pipeline.archive.place import open_place
from recommendations.pipeline.archive.writing import archive_interactions
from recommendations.pipeline.context import Done, Failed, StepContext, Waiting
from recommendations.pipeline.helping import drain_store
from recommendations.pipeline.runs import ensure_default_rotation
from recommendations.pipeline.states import RetrainStatus
from recommendations.pipeline.steps import export
from tests.factories.retraining import advance_to, make_interaction, make_items, make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def context_of(run: RetrainRun) -> StepContext:
    rotation = run.rotation
    return StepContext(run, rotation, rotation.deployments.get(colour=run.colour), get_backend("embedded"))


def export_rows(run: RetrainRun) -> list[list[str]]:
    """What the step writes, header and all, once it has waited for the stream."""
    context = context_of(run)
    for _ in range(3):
        outcome = export.run(context)
        if isinstance(outcome, Done):
            break
        assert isinstance(outcome, Waiting)
        run.report = run.report | {"export": dict(outcome.figures or run.report["export"])}
    assert isinstance(outcome, Done), outcome
    with export.export_path(run).open(newline="") as file:
        rows = list(csv.reader(file))
    assert outcome.figures["n_rows"] == len(rows) - 1
    return rows


def test_export_has_the_five_columns_in_order_of_shopper_and_time() -> None:
    (sku,) = make_items(0, 1)
    store([make_interaction("b", sku, days_ago=1, event_type="bid"), make_interaction("a", sku, days_ago=2)])

    rows = export_rows(advance_to(RetrainStatus.EXPORT))

    first, second = Interaction.objects.order_by("occurred_at")
    assert rows == [
        ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"],
        ["a", sku, str(int(first.occurred_at.timestamp())), "product_view", ""],
        ["b", sku, str(int(second.occurred_at.timestamp())), "bid", ""],
    ]


def test_export_leaves_out_what_is_not_to_be_trained_on(settings: Settings) -> None:
    (sku,) = make_items(0, 1)
    settings.RETRAIN_WINDOW_DAYS = 30
    store(
        [
            make_interaction("kept", sku),
            make_interaction("too-old", sku, days_ago=31),
            make_interaction("no-weight", sku, event_type="hide"),
            make_interaction("unlisted", "NOT-IN-THE-CATALOGUE"),
        ]
    )

    rows = export_rows(advance_to(RetrainStatus.EXPORT))

    assert [row[0] for row in rows[1:]] == ["kept"]


def test_export_takes_the_rotations_own_weights() -> None:
    (sku,) = make_items(0, 1)
    store([make_interaction("a", sku, event_type="hide"), make_interaction("b", sku, event_type="bid")])
    rotation = ensure_default_rotation()
    rotation.event_weights = {"hide": 0.5, "bid": 0.0}
    rotation.save()

    rows = export_rows(advance_to(RetrainStatus.EXPORT, rotation))

    assert [row[0] for row in rows[1:]] == ["a"]


def test_export_ends_at_the_watermark() -> None:
    (sku,) = make_items(0, 1)
    run = advance_to(RetrainStatus.EXPORT)
    assert run.watermark_at is not None
    before, after = make_interaction("before", sku), make_interaction("after", sku)
    store([before, after])
    Interaction.objects.filter(pk=before.event_id).update(received_at=run.watermark_at)
    Interaction.objects.filter(pk=after.event_id).update(received_at=run.watermark_at + timedelta(microseconds=1))

    rows = export_rows(run)

    assert [row[0] for row in rows[1:]] == ["before"]


def test_export_waits_for_the_watermark(settings: Settings) -> None:
    settings.WATERMARK_SLACK_S = 3600
    run = advance_to(RetrainStatus.EXPORT)

    assert export.run(context_of(run)) == Waiting("the watermark has not passed yet")


@pytest.mark.django_db(transaction=True)
def test_export_waits_until_the_store_has_what_was_received_before() -> None:
    (sku,) = make_items(0, 1)
    on_its_way = make_interaction("on-its-way", sku, days_ago=0.1)
    ValkeyStream.of_settings().append(encode_entries([on_its_way], received_at=conf.now()))
    run = advance_to(RetrainStatus.EXPORT)
    first = export.run(context_of(run))
    run.report = run.report | {"export": dict(first.figures)}

    behind = export.run(context_of(run))
    drain_store()
    rows = export_rows(run)

    assert isinstance(first, Waiting)
    assert isinstance(behind, Waiting)
    assert [row[0] for row in rows[1:]] == ["on-its-way"]


def test_export_reads_the_archive_where_settings_say_so(settings: Settings, tmp_path: Path) -> None:
    (sku,) = make_items(0, 1)
    store([make_interaction("archived", sku), make_interaction("fresh", sku, days_ago=0)])
    settings.ARCHIVE_URL = f"file://{tmp_path}/archive"
    archive_interactions(open_place())
    Interaction.objects.filter(shopper_key="archived").delete()
    run = advance_to(RetrainStatus.EXPORT)
    from_store = export_rows(run)

    settings.RETRAIN_FROM = "archive"
    from_archive = export_rows(run)

    assert [row[0] for row in from_store[1:]] == ["fresh"]
    assert [row[0] for row in from_archive[1:]] == ["archived", "fresh"]


def test_export_without_an_archive_to_read_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    settings.ARCHIVE_URL, settings.RETRAIN_FROM = f"file://{tmp_path}/archive", "archive"
    run = advance_to(RetrainStatus.EXPORT)
    run.report = {"export": {"stream_position": "0-0"}}

    with pytest.raises(InvalidInput, match="RETRAIN_FROM=store"):
        export.run(context_of(run))


def test_export_without_valkey_asks_to_be_tried_again(settings: Settings) -> None:
    run = advance_to(RetrainStatus.EXPORT)
    settings.STATE_URL = "unix:///nowhere/valkey.sock"

    with pytest.raises(StreamUnavailable):
        export.run(context_of(run))


def test_export_of_nothing_fails_and_says_what_to_do() -> None:
    run = advance_to(RetrainStatus.EXPORT)
    run.report = {"export": {"stream_position": "0-0"}}

    outcome = export.run(context_of(run))

    assert isinstance(outcome, Failed)
    assert "RETRAIN_WINDOW_DAYS" in outcome.fix


def test_export_leaves_no_half_file(calm_world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    run = advance_to(RetrainStatus.EXPORT)
    run.report = {"export": {"stream_position": "0-0"}}

    def no_space(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)

    with pytest.raises(OSError, match="No space left"):
        export.run(context_of(run))

    assert list((calm_world / "exports").iterdir()) == []


def test_exports_are_gone_once_nothing_reads_them(calm_world: Path) -> None:
    make_past()

    advance_to(RetrainStatus.SUCCEEDED)

    assert list((calm_world / "exports").iterdir()) == []
