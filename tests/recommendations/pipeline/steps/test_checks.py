"""What stops a run before its swap: rows that went missing, lists that are short, strange or late."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.models import Filter, RetrainRun, Rotation
from recommendations.pipeline import sides
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.states import RetrainStatus
from recommendations.pipeline.steps import evaluate, heartbeat, import_data, provision
from recommendations.pipeline.steps.export import export_path
from recommendations.ports import Backend, ControlPlane, EventSink
from recommendations.serving.live import POINTER_TTL_S
from tests.factories.catalog import make_product
from tests.factories.retraining import advance_to, make_past, retrain
from tests.fakes.runtime import FakeRuntime, backend_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def context_of(run: RetrainRun, backend: Backend | None = None) -> StepContext:
    side = run.rotation.deployments.get(colour=run.colour)
    return StepContext(run, run.rotation, side, backend or get_backend("embedded"))


def beat(run: RetrainRun, item_ids: Sequence[str], *, takes_s: float = 0.0) -> Outcome:
    runtime = FakeRuntime(item_ids, takes_s=takes_s)
    return heartbeat.run(context_of(run, Backend("fake", cast("ControlPlane", None), runtime, cast("EventSink", None))))


def test_import_compares_the_row_counts() -> None:
    make_past()
    run = advance_to(RetrainStatus.IMPORT)
    run.report["export"]["n_rows"] += 1

    outcome = import_data.run(context_of(run))

    assert isinstance(outcome, Failed)
    assert outcome.reason == "1,201 rows were exported and 1,200 imported."


@pytest.mark.parametrize(("status", "step"), [(RetrainStatus.IMPORT, import_data), (RetrainStatus.EVALUATE, evaluate)])
def test_step_says_that_the_export_is_gone(status: RetrainStatus, step: object) -> None:
    make_past()
    run = advance_to(status)
    export_path(run).unlink()

    outcome = step.run(context_of(run))  # type: ignore[attr-defined]

    assert isinstance(outcome, Failed)
    assert "--abandon" in outcome.fix


def test_heartbeat_passes_a_campaign_that_serves_real_shoppers() -> None:
    make_past()

    run = advance_to(RetrainStatus.SWAP)

    assert run.report["heartbeat"]["n_shoppers"] == 20
    assert run.report["heartbeat"]["k"] == 12


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda skus: skus[:11], "got 11 different items of 12"),
        (lambda skus: [skus[0]] * 12, "got 1 different items of 12"),
        (lambda skus: [*skus[:11], "GONE"], "does not list: GONE"),
    ],
)
def test_heartbeat_stops_a_campaign_that_serves_badly(change: object, reason: str) -> None:
    skus, _ = make_past()
    run = advance_to(RetrainStatus.HEARTBEAT)

    outcome = beat(run, change(skus))  # type: ignore[operator]

    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert "live campaign stays" in outcome.fix


def test_heartbeat_passes_over_drops_that_no_page_shows_before_their_day() -> None:
    skus, _ = make_past()
    run = advance_to(RetrainStatus.HEARTBEAT)
    drops = [make_product(released_on=conf.now().date() + timedelta(days=3)).sku for _ in range(4)]

    enough = beat(run, [*drops, *skus[:12]])
    too_few = beat(run, [*drops, *skus[:11]])

    assert isinstance(enough, Done)
    assert isinstance(too_few, Failed)
    assert "got 11 different items of 12" in too_few.reason


def test_heartbeat_stops_a_campaign_that_is_late(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 0.15
    skus, _ = make_past()
    run = advance_to(RetrainStatus.HEARTBEAT)

    outcome = beat(run, skus, takes_s=0.2)

    assert isinstance(outcome, Failed)
    assert "where 150 ms are allowed" in outcome.reason


@pytest.mark.parametrize(
    ("key", "recipe", "subjects"),
    [("similar", "aws-similar-items", "n_items"), ("ranking", "aws-personalized-ranking", "n_shoppers")],
)
def test_heartbeat_asks_a_campaign_as_its_pages_will(key: str, recipe: str, subjects: str) -> None:
    make_past()
    rotation = Rotation.objects.create(key=key, slot=key, recipe=recipe)

    first = advance_to(RetrainStatus.SUCCEEDED, rotation)
    second = advance_to(RetrainStatus.SUCCEEDED, rotation)

    assert first.report["heartbeat"][subjects] == 20
    verdicts = {gate["gate"]: gate["verdict"] for gate in second.report["heartbeat"]["gates"]}
    assert verdicts == {"heartbeat": "passed", "coverage": "passed", "popularity": "not judged", "overlap": "passed"}


def test_heartbeat_stops_a_campaign_that_relates_badly() -> None:
    skus, others = make_past()
    run = advance_to(RetrainStatus.HEARTBEAT)
    Rotation.objects.filter(pk=run.rotation_id).update(recipe="aws-similar-items")
    run = RetrainRun.objects.get(pk=run.pk)
    runtime = FakeRuntime([*skus[:11], "GONE"])

    outcome = heartbeat.run(context_of(run, backend_of(runtime)))

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("Gate heartbeat: Item TASTE")
    assert set(runtime.asked_beside) <= {*skus, *others}


def test_provision_tears_nothing_down_that_a_process_may_still_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    for _ in range(2):
        retrain()
    monkeypatch.setattr(sides, "SINCE_SWAP", timedelta(seconds=2 * POINTER_TTL_S))
    run = advance_to(RetrainStatus.PROVISION)

    outcome = provision.run(context_of(run))

    assert isinstance(outcome, Waiting)
    assert "last swap" in outcome.note


def test_provision_sets_the_watermark_behind_the_tracker(calm_world: Path) -> None:
    run = advance_to(RetrainStatus.PROVISION)

    outcome = provision.run(context_of(run))

    assert isinstance(outcome, Done)
    assert outcome.deployment["tracking_id"]
    assert outcome.deployment["watermark_at"] == outcome.run["watermark_at"] > run.created_at


def test_provision_makes_the_filter_of_what_was_bought(calm_world: Path) -> None:
    run = advance_to(RetrainStatus.PROVISION)

    outcomes = [provision.run(context_of(run)) for _ in range(2)]

    made = Filter.objects.get()
    assert made.dataset_group.name == run.resource_name
    assert made.expression == 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'
    assert all(isinstance(one, Done) and one.deployment["filter_arn"] == made.arn for one in outcomes)


def test_heartbeat_asks_a_side_through_its_filter() -> None:
    make_past()
    context = context_of(advance_to(RetrainStatus.HEARTBEAT), backend_of(runtime := FakeRuntime()))

    heartbeat.run(context)

    assert context.deployment.filter_arn
    assert set(runtime.filters) == {context.deployment.filter_arn}
